package io.millwright.collector.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.frames.Row;
import io.millwright.protocol.frames.SeriesSchema;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Readout;
import io.millwright.protocol.vocabulary.Series;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LastSampleTest {
  private static final int SERIES = 2000;
  private static final int LOOKS = 3000;

  private static final List<Reading> ALLOWED =
      List.of(new Reading.Measured(1), new Reading.Measured(2), new Reading.Unsupported());

  private static final SeriesSchema SCHEMA =
      SeriesSchema.of(
          IntStream.range(0, SERIES)
              .mapToObj(i ->
                  Series.of(Metric.NODE_FILESYSTEM_SIZE_BYTES, "node1", "/" + i, "d" + i, "ext4"))
              .toList());

  private static Row row(double value) {
    Row row = new Row(SERIES);
    for (int i = 0; i < SERIES; i++) {
      row.set(i, value);
    }
    return row;
  }

  private static Set<Double> values(IntToDoubleFunction value) {
    Set<Double> values = new HashSet<>();
    for (int i = 0; i < SERIES; i++) {
      values.add(value.applyAsDouble(i));
    }
    return values;
  }

  private static Set<Reading> readings(Readout of) {
    Set<Reading> readings = new HashSet<>();
    for (int i = 0; i < LOOKS; i++) {
      readings.add(of.reading(0));
    }
    return readings;
  }

  /** The writer goes on meanwhile: values of two rows are never seen together. */
  @Test
  void whoAsksForOneMomentGetsOne() throws InterruptedException {
    SchemaTable table = SchemaTable.of(SCHEMA);
    Readout last = table.take(row(1), 1);
    AtomicBoolean ended = new AtomicBoolean();
    Row without = row(3);
    without.clear(0);
    List<Row> rows = List.of(row(1), row(2), without);
    Thread writer =
        Threads.platform(
            "writer",
            () -> {
              for (int i = 0; !ended.get(); i++) {
                table.take(rows.get(i % rows.size()), i);
              }
            });
    writer.start();
    for (int i = 0; i < LOOKS; i++) {
      Readout copy = last.sample();
      assertThat(copy.measured(0)).isEqualTo(copy.value(1) < 3);
      assertThat(values(copy::value)).hasSize(copy.measured(0) ? 1 : 2);
      assertThat(ALLOWED).containsAll(readings(last));
      last.atOneMoment(look -> assertThat(values(look::value)).hasSize(look.measured(0) ? 1 : 2));
    }
    ended.set(true);
    writer.join(Duration.ofSeconds(60));
  }

  @Test
  void aCopyStaysAsItWas() {
    SchemaTable table = SchemaTable.of(SCHEMA);
    Row row = row(1);
    row.clear(7);
    var copy = table.take(row, 5).sample();
    Readout last = table.take(row(2), 6);
    assertThat(copy.value(0)).isEqualTo(1);
    assertThat(copy.unsupported(7)).isTrue();
    assertThat(copy.readAtNanos(0)).isEqualTo(5);
    assertThat(last.measured(7)).isTrue();
    assertThat(last.takenNanos()).isEqualTo(6);
    assertThat(copy.table()).isSameAs(last.table());
  }
}
