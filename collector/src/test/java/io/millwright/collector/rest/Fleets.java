package io.millwright.collector.rest;

import io.millwright.collector.fleet.Accelerators;
import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.fleet.NodeState;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.Map;

/** Small fleets for tests. */
final class Fleets {
  private Fleets() {}

  /** One node with two simulated devices: the first is up with 500 W, the second hangs. */
  static FleetState oneNode(String name, long arrivedNanos, long session) {
    SeriesTable.Builder table = SeriesTable.builder();
    for (int i = 0; i < 2; i++) {
      Accelerator device =
          new Accelerator(name, Integer.toString(i), "GPU-" + i, "nvidia", "NVIDIA B200", true);
      table.add(Cadence.FAST, Series.of(Metric.ACCELERATOR_UP, device));
      table.add(
          Cadence.ONCE, Series.of(Metric.ACCELERATOR_INFO, device, "", "", "", "", "", "", "", ""));
      table.add(Cadence.FAST, Series.of(Metric.ACCELERATOR_POWER_WATTS, device, "gpu"));
      table.add(Cadence.FAST, Series.of(Metric.ACCELERATOR_POWER_WATTS, device, "module"));
      table.add(
          Cadence.FAST,
          Series.of(Metric.ACCELERATOR_NATIVE_CALL_STUCK_SECONDS, device, "nvmlDeviceGetX"));
    }
    SeriesTable built = table.build();
    Readings readings = new Readings(built);
    readings.measured(0, 1);
    readings.measured(1, 1);
    readings.measured(2, 500);
    readings.measured(3, 1100);
    readings.measured(5, 0);
    readings.measured(6, 1);
    readings.measured(9, 4.5);
    Sample sample = readings.sample();
    NodeState node =
        new NodeState(
            name,
            "0.1.0",
            session,
            arrivedNanos,
            1_700_000_000_000L,
            -3,
            sample,
            new Accelerators(built).of(sample));
    return FleetState.EMPTY
        .with(Map.of(name, node))
        .with(1_700_000_000_000L, "node-connected", name, "The node has connected.");
  }
}
