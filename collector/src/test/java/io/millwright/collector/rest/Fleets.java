package io.millwright.collector.rest;

import io.millwright.collector.fleet.Accelerators;
import io.millwright.collector.fleet.Findings;
import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.fleet.NodeState;
import io.millwright.collector.fleet.NodeVerdict;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.health.Advice;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.Scope;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Small fleets for tests. */
final class Fleets {
  private Fleets() {}

  /**
   * One node with two simulated devices: the first is up with 500 W, the second hangs, and two jobs
   * of Slurm have it.
   */
  static FleetState oneNode(String name, long arrivedNanos, long session) {
    return oneNode(name, arrivedNanos, session, List.of(), Findings.NONE);
  }

  /**
   * The same of an agent that judges.
   *
   * @param verdicts of the node and of the two devices; empty where it judges nothing
   */
  static FleetState oneNode(
      String name, long arrivedNanos, long session, List<Verdict> verdicts, Findings findings) {
    SeriesTable.Builder table = SeriesTable.builder();
    Map<Integer, Double> values = new HashMap<>();
    for (int i = 0; i < 2; i++) {
      Accelerator device =
          new Accelerator(name, Integer.toString(i), "GPU-" + i, "nvidia", "NVIDIA B200", true);
      int up = table.add(Cadence.FAST, Series.of(Metric.ACCELERATOR_UP, device));
      values.put(
          table.add(
              Cadence.ONCE,
              Series.of(
                  Metric.ACCELERATOR_INFO,
                  device,
                  "1b:00." + i,
                  "16500" + i,
                  "",
                  "",
                  "",
                  "",
                  "",
                  "")),
          1.0);
      int power = table.add(Cadence.FAST, Series.of(Metric.ACCELERATOR_POWER_WATTS, device, "gpu"));
      int module =
          table.add(Cadence.FAST, Series.of(Metric.ACCELERATOR_POWER_WATTS, device, "module"));
      int stuck =
          table.add(
              Cadence.FAST,
              Series.of(Metric.ACCELERATOR_NATIVE_CALL_STUCK_SECONDS, device, "nvmlDeviceGetX"));
      values.put(up, i == 0 ? 1.0 : 0.0);
      values.putAll(i == 0 ? Map.of(power, 500.0, module, 1100.0) : Map.of(stuck, 4.5));
    }
    Accelerator second = new Accelerator(name, "1", "GPU-1", "nvidia", "NVIDIA B200", true);
    values.put(
        table.add(
            Cadence.ONCE,
            Series.of(Metric.ACCELERATOR_SLOT_INFO, second, "1820", "14", "4", "0", "3", "switch")),
        1.0);
    values.put(
        table.add(
            Cadence.ONCE,
            Series.of(Metric.NODE_INFO, name, "", "", "", "", "", "", "S-of-" + name, "r7", "")),
        1.0);
    for (String job : List.of("7", "8")) {
      values.put(
          table.add(
              Cadence.SLOW,
              Series.of(Metric.ACCELERATOR_OWNER_INFO, name, "1", "GPU-1", "slurm", job)),
          1.0);
    }
    if (!verdicts.isEmpty()) {
      judged(name, verdicts, table, values);
    }
    SeriesTable built = table.build();
    Readings readings = new Readings(built);
    values.forEach(readings::measured);
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
            new NodeVerdict(built).of(sample),
            new Accelerators(sample).now(),
            findings);
    return FleetState.EMPTY
        .with(Map.of(name, node))
        .with(1_700_000_000_000L, "node-connected", name, "The node has connected.");
  }

  private static void judged(
      String name, List<Verdict> verdicts, SeriesTable.Builder table, Map<Integer, Double> values) {
    for (Verdict state : Verdict.values()) {
      int node = table.add(Cadence.FAST, Series.of(Metric.NODE_HEALTH_STATE, name, state.word()));
      values.put(node, verdicts.getFirst() == state ? 1.0 : 0.0);
      for (int i = 0; i < 2; i++) {
        Accelerator device =
            new Accelerator(name, Integer.toString(i), "GPU-" + i, "nvidia", "NVIDIA B200", true);
        int at =
            table.add(
                Cadence.FAST, Series.of(Metric.ACCELERATOR_HEALTH_STATE, device, state.word()));
        values.put(at, verdicts.get(i + 1) == state ? 1.0 : 0.0);
      }
    }
  }

  /** A rule that holds on a device or the node. */
  static Evidence evidence(String rule, Verdict verdict, Advice advice) {
    return new Evidence(
        rule,
        2,
        verdict,
        advice,
        Scope.DEVICE,
        "3 errors",
        1_700_000_000_500L,
        "a reset of the device",
        Optional.of("hello-r1"),
        false);
  }
}
