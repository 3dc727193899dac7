package io.millwright.collector.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.collector.fleet.AcceleratorState;
import io.millwright.collector.fleet.DeviceReading;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.FrameReader;
import io.millwright.protocol.frames.FrameWriter;
import io.millwright.protocol.frames.MalformedFrame;
import io.millwright.protocol.frames.Moment;
import io.millwright.protocol.frames.Payload;
import io.millwright.protocol.frames.Row;
import io.millwright.protocol.frames.SampleEncoder;
import io.millwright.protocol.frames.SeriesSchema;
import io.millwright.protocol.frames.Side;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Readout;
import io.millwright.protocol.vocabulary.Series;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LastSampleTest {
  private static final int SERIES = 2000;

  /** A sample of two frames. */
  private static final int TWO_BLOCKS = 5000;

  private static final int LOOKS = 200;

  private static final List<Reading> ALLOWED =
      List.of(new Reading.Measured(1), new Reading.Measured(2), new Reading.Unsupported());

  private static SeriesSchema schema(int size) {
    return SeriesSchema.of(
        IntStream.range(0, size)
            .mapToObj(i ->
                Series.of(Metric.NODE_FILESYSTEM_SIZE_BYTES, "node1", "/" + i, "d" + i, "ext4"))
            .toList());
  }

  private static Row row(int size, double value) {
    Row row = new Row(size);
    for (int i = 0; i < size; i++) {
      row.set(i, value);
    }
    return row;
  }

  /** The frames of a sample that has these values: one KEY for each block. */
  private static List<Frame.Key> keys(SeriesSchema schema, long sequence, Row row) {
    FrameWriter writer = new FrameWriter(1 << 16);
    new SampleEncoder(schema, 1).encode(sequence, new Moment(sequence, sequence), row, writer);
    FrameReader reader = new FrameReader(Side.AGENT);
    reader.open();
    ByteBuffer bytes = writer.written();
    List<Frame.Key> keys = new ArrayList<>();
    while (bytes.hasRemaining()) {
      keys.add((Frame.Key) reader.next(bytes));
    }
    return keys;
  }

  private static Readout take(LiveChain chain, List<Frame.Key> sample, long nowNanos) {
    for (Frame.Key key : sample) {
      assertThat(chain.apply(key, nowNanos)).isNotInstanceOf(MalformedFrame.class);
    }
    return chain.last();
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
  @ParameterizedTest
  @ValueSource(ints = {SERIES, TWO_BLOCKS})
  void whoAsksForOneMomentGetsOne(int size) throws InterruptedException {
    SeriesSchema schema = schema(size);
    LiveChain chain = LiveChain.of(schema);
    Readout last = take(chain, keys(schema, 1, row(size, 1)), 1);
    AtomicBoolean ended = new AtomicBoolean();
    Row without = row(size, 3);
    without.clear(0);
    List<List<Frame.Key>> samples =
        Stream.of(row(size, 1), row(size, 2), without).map(row -> keys(schema, 2, row)).toList();
    Thread writer =
        Threads.platform(
            "writer",
            () -> {
              for (int i = 0; !ended.get(); i++) {
                take(chain, samples.get(i % samples.size()), i);
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

  /** The values of a sample are those of a later one, or none, but never half of what is none. */
  @ParameterizedTest
  @ValueSource(ints = {SERIES, TWO_BLOCKS})
  void aMalformedFrameShowsNothingOfItself(int size) {
    SeriesSchema schema = schema(size);
    LiveChain chain = LiveChain.of(schema);
    Readout last = take(chain, keys(schema, 1, row(size, 1)), 1);
    Frame.Key right = keys(schema, 2, row(size, 2)).getFirst();
    byte[] values = right.values().toByteArray();
    Frame.Key cut =
        new Frame.Key(
            false,
            right.at(),
            right.block(),
            right.taken(),
            right.schema(),
            Payload.of(Arrays.copyOf(values, values.length / 2)));
    assertThat(chain.apply(cut, 2)).isInstanceOf(MalformedFrame.class);
    for (int i = 0; i < SERIES; i++) {
      assertThat(last.reading(i)).isIn(new Reading.Unsupported(), new Reading.Measured(1));
    }
    assertThat(last.takenNanos()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {SERIES, TWO_BLOCKS})
  void aCopyStaysAsItWas(int size) {
    SeriesSchema schema = schema(size);
    LiveChain chain = LiveChain.of(schema);
    Row row = row(size, 1);
    row.clear(7);
    var copy = take(chain, keys(schema, 1, row), 5).sample();
    Readout last = take(chain, keys(schema, 2, row(size, 2)), 6);
    assertThat(copy.value(0)).isEqualTo(1);
    assertThat(copy.unsupported(7)).isTrue();
    assertThat(copy.readAtNanos(0)).isEqualTo(5);
    assertThat(last.measured(7)).isTrue();
    assertThat(last.takenNanos()).isEqualTo(6);
    assertThat(copy.table()).isSameAs(last.table());
  }

  /** Devices whose readings alone have changed are the very ones of before, and read the newest. */
  @Test
  void devicesReadTheNewestSample() {
    List<String> device = List.of("node1", "0", "GPU-0", "nvidia", "NVIDIA B200");
    SeriesSchema schema =
        SeriesSchema.of(
            List.of(
                Series.of(Metric.ACCELERATOR_UP, device.toArray(new String[0])),
                Series.of(
                    Metric.ACCELERATOR_POWER_WATTS,
                    Stream.concat(device.stream(), Stream.of("gpu")).toArray(String[]::new))));
    LiveChain chain = LiveChain.of(schema);
    take(chain, keys(schema, 1, device(1, 500)), 1);
    List<AcceleratorState> before = chain.accelerators();
    assertThat(before.getFirst().value(DeviceReading.POWER_WATTS)).hasValue(500);

    take(chain, keys(schema, 2, device(1, 600)), 2);
    assertThat(chain.accelerators()).isSameAs(before);
    assertThat(before.getFirst().value(DeviceReading.POWER_WATTS)).hasValue(600);
    assertThat(before.getFirst().value(DeviceReading.UTILIZATION)).isEmpty();

    take(chain, keys(schema, 3, device(0, 600)), 3);
    assertThat(chain.accelerators()).isNotSameAs(before);
    assertThat(chain.accelerators().getFirst().up()).isFalse();
    assertThat(before.getFirst().up()).isTrue();
  }

  private static Row device(double up, double watts) {
    Row row = new Row(2);
    row.set(0, up);
    row.set(1, watts);
    return row;
  }
}
