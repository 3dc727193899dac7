package io.millwright.protocol.frames;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SnapshotLayoutTest {
  private static final Series ONE = Series.of(Metric.NODE_LOAD_AVERAGE, "n1", "1m");
  private static final Series FIVE = Series.of(Metric.NODE_LOAD_AVERAGE, "n1", "5m");
  private static final Series CPUS = Series.of(Metric.NODE_ACCELERATORS_EXPECTED, "n1", "nvidia");

  @Test
  void putsWhatWasMeasuredAtItsPlace() {
    Readings first = readings(ONE, FIVE);
    Readings second = readings(FIVE, CPUS);
    first.measured(0, 0.5);
    first.unavailable(1, Fault.TIMEOUT);
    second.measured(0, 9);
    second.measured(1, 8);
    NodeSnapshot snapshot = snapshot(first, second);
    SnapshotLayout layout = SnapshotLayout.of(snapshot);
    assertThat(IntStream.range(0, 3).mapToObj(i -> layout.schema().series(i).orElseThrow()))
        .containsExactly(ONE, FIVE, CPUS);
    Row row = new Row(layout.schema().size());
    row.set(1, 77);
    layout.fill(snapshot, row);
    assertThat(row.value(0)).isEqualTo(0.5);
    assertThat(row.present(1)).as("taken where it stands first, as on the page").isFalse();
    assertThat(row.value(2)).isEqualTo(8);
    assertThat(layout.leftOut()).isZero();
  }

  @Test
  void fitsAsLongAsTheTablesAreTheSame() {
    Readings first = readings(ONE);
    Readings second = readings(FIVE);
    SnapshotLayout layout = SnapshotLayout.of(snapshot(first, second));
    first.measured(0, 3);
    assertThat(layout.fits(snapshot(first, second))).isTrue();
    assertThat(layout.fits(snapshot(first))).isFalse();
    assertThat(layout.fits(snapshot(second, first))).isFalse();
    assertThat(layout.fits(snapshot(first, readings(FIVE)))).isFalse();
  }

  @Test
  void leavesOutWhatNoSchemaHoldsAndCountsIt() {
    Series[] many =
        IntStream.range(0, SeriesSchema.MOST_SERIES + 5)
            .mapToObj(i -> Series.of(Metric.NODE_LOAD_AVERAGE, "n1", "w" + i))
            .toArray(Series[]::new);
    SnapshotLayout layout = SnapshotLayout.of(snapshot(readings(many)));
    assertThat(layout.schema().size()).isEqualTo(SeriesSchema.MOST_SERIES);
    assertThat(layout.leftOut()).isEqualTo(5);
  }

  private static Readings readings(Series... series) {
    SeriesTable.Builder table = SeriesTable.builder();
    List.of(series).forEach(one -> table.add(Cadence.FAST, one));
    return new Readings(table.build());
  }

  private static NodeSnapshot snapshot(Readings... readings) {
    return new NodeSnapshot(1, 1, List.of(readings).stream().map(Readings::sample).toList());
  }
}
