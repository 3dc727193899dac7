package io.millwright.protocol.frames;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * What a sample costs on the wire, on a model of a node: 8 accelerators of 100 series, 10 % power
 * with 3 decimals, 10 % ratios with 6, 10 % temperatures, 10 % clocks, 20 % large counters, 40 %
 * nearly constant. Printed; the bound is far off, so that only a break trips it.
 */
class BytesASampleTest {
  private static final int SERIES = 800;
  private static final int SAMPLES = 600;
  private static final int[] SCALES = {3, 6, 0, -6, 0, 0, 0, 0, 0, 0};

  private final Random random = new Random(1);

  @Test
  void staysNearItsModel() {
    SampleEncoder encoder = new SampleEncoder(schema(), 1);
    FrameWriter writer = new FrameWriter(65_536);
    Row row = new Row(SERIES);
    long bytes = 0;
    for (int sequence = 1; sequence <= SAMPLES; sequence++) {
      for (int i = 0; i < SERIES; i++) {
        row.set(i, next(i % 10, sequence == 1, row.value(i)));
      }
      writer.clear();
      encoder.encode(
          sequence, new Moment(sequence * 1000L, sequence * 1_000_000_123L), row, writer);
      bytes += writer.length();
    }
    double each = (double) bytes / SAMPLES / SERIES;
    System.out.printf("%.2f bytes a sample, %d bytes a frame%n", each, bytes / SAMPLES);
    assertThat(each).isBetween(0.5, 4.0);
  }

  private double next(int kind, boolean first, double last) {
    return switch (kind) {
      case 0 -> Math.rint(700_000 + random.nextGaussian() * 20_000) / 1000;
      case 1 -> random.nextInt(1_000_001) / 1e6;
      case 2 -> first ? 60 : last + (random.nextInt(5) == 0 ? random.nextInt(3) - 1 : 0);
      case 3 -> first || random.nextInt(10) == 0 ? 1e6 * (1500 + 15 * random.nextInt(30)) : last;
      case 4, 5 -> last + random.nextInt(1 << 30);
      default -> first ? random.nextInt(1000) : last + (random.nextInt(1000) == 0 ? 1 : 0);
    };
  }

  private static SeriesSchema schema() {
    SchemaBuilder builder = new SchemaBuilder();
    for (int i = 0; i < SERIES; i++) {
      Accelerator accelerator =
          new Accelerator("n17", "" + i / 100, "GPU-" + i / 100, "nvidia", "B200", false);
      builder.add(
          Series.of(Metric.ACCELERATOR_POWER_WATTS, accelerator, "s" + i % 100), SCALES[i % 10]);
    }
    return builder.build();
  }
}
