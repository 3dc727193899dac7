package io.millwright.collector.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import org.junit.jupiter.api.Test;

class AcceleratorsTest {
  private static Series series(Metric metric, int device) {
    return Series.of(metric, "n1", "" + device, "GPU-" + device, "nvidia", "NVIDIA B200");
  }

  /**
   * What was not observed is not taken for whole; what a product cannot be is not held against it.
   */
  @Test
  void aDeviceIsWholeOnlyWhereThatIsKnown() {
    SeriesTable.Builder builder = SeriesTable.builder();
    for (int device = 0; device < 5; device++) {
      builder.add(Cadence.FAST, series(Metric.ACCELERATOR_UP, device));
    }
    for (int device = 0; device < 4; device++) {
      builder.add(Cadence.FAST, series(Metric.ACCELERATOR_PARTITION_MODE_ENABLED, device));
    }
    SeriesTable table = builder.build();
    Readings readings = new Readings(table);
    for (int device = 0; device < 5; device++) {
      readings.measured(device, 1);
    }
    readings.measured(5, 0);
    readings.measured(6, 1);
    readings.unsupported(7);
    readings.unavailable(8, Fault.OTHER);
    assertThat(new Accelerators(readings.sample()).now())
        .extracting(AcceleratorState::divided)
        .containsExactly(false, true, false, true, false);
  }
}
