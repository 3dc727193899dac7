package io.millwright.agent.spool;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.frames.FrameWriter;
import io.millwright.protocol.frames.Moment;
import io.millwright.protocol.frames.Payload;
import io.millwright.protocol.frames.Position;
import io.millwright.protocol.frames.Row;
import io.millwright.protocol.frames.SampleEncoder;
import io.millwright.protocol.frames.SeriesSchema;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a sample takes on the disk, on a model of a node: 8 accelerators of 100 series, 10 % power
 * with 3 decimals, 10 % ratios with 4, 10 % temperatures, 10 % clocks, 20 % large counters, 40 %
 * nearly constant. Printed; the bound is far off, so that only a break trips it.
 */
class SpoolBytesTest {
  private static final int SERIES = 800;
  private static final int SAMPLES = 1800;
  private static final long DEFAULT_BYTES = 64L << 20;

  @TempDir private Path directory;
  private final Random random = new Random(1);

  @Test
  void staysNearItsModel() throws IOException {
    SegmentStore store =
        new SegmentStore(
            directory.resolve("spool"), DEFAULT_BYTES, "n17", new SegmentStoreTest.Roomy());
    store.recover();
    SeriesSchema schema = schema();
    SampleEncoder keys = new SampleEncoder(schema, 1);
    FrameWriter writer = new FrameWriter(65_536);
    Row row = new Row(SERIES);
    for (int sequence = 1; sequence <= SAMPLES; sequence++) {
      for (int i = 0; i < SERIES; i++) {
        row.set(i, next(i % 10, sequence == 1, row.value(i)));
      }
      writer.clear();
      keys.restart();
      Moment taken = new Moment(sequence * 1000L, sequence * 1_000_000_123L);
      keys.encode(sequence, taken, row, writer);
      store.append(
          new KeptSample(
              new Position(1, sequence), sequence * 1000L, schema, Payload.of(writer.backfill())));
    }
    double each = (double) store.bytes() / SAMPLES;
    double hours = DEFAULT_BYTES / each / 3600;
    System.out.printf(
        "%.0f bytes on the disk a sample of %d series, %.2f a value; 64 MiB hold %.1f h at 1 Hz%n",
        each, SERIES, each / SERIES, hours);
    assertThat(hours).isBetween(4.0, 40.0);
    store.close();
  }

  private double next(int kind, boolean first, double last) {
    return switch (kind) {
      case 0 -> Math.rint(700_000 + random.nextGaussian() * 20_000) / 1000;
      case 1 -> random.nextInt(10_001) / 1e4;
      case 2 -> first ? 60 : last + (random.nextInt(5) == 0 ? random.nextInt(3) - 1 : 0);
      case 3 -> first || random.nextInt(10) == 0 ? 1e6 * (1500 + 15 * random.nextInt(30)) : last;
      case 4, 5 -> last + random.nextInt(1 << 30);
      default -> first ? random.nextInt(1000) : last + (random.nextInt(1000) == 0 ? 1 : 0);
    };
  }

  private static SeriesSchema schema() {
    List<Series> series = new ArrayList<>();
    for (int i = 0; i < SERIES; i++) {
      Accelerator accelerator =
          new Accelerator("n17", "" + i / 100, "GPU-" + i / 100, "nvidia", "B200", false);
      series.add(Series.of(family(i % 10), accelerator, "s" + i % 100));
    }
    return SeriesSchema.of(series);
  }

  private static Metric family(int kind) {
    return switch (kind) {
      case 0 -> Metric.ACCELERATOR_POWER_WATTS;
      case 1 -> Metric.ACCELERATOR_ENGINE_ACTIVE_RATIO;
      case 2 -> Metric.ACCELERATOR_TEMPERATURE_CELSIUS;
      case 3 -> Metric.ACCELERATOR_CLOCK_HERTZ;
      default -> Metric.ACCELERATOR_INTERCONNECT_RECEIVE_BYTES_TOTAL;
    };
  }
}
