package io.millwright.collector.hot;

import io.millwright.collector.fleet.Accelerators;
import io.millwright.collector.fleet.Findings;
import io.millwright.collector.fleet.NodeState;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Nodes with nothing but the hot set, for tests. */
public final class Nodes {
  /** Every number of the tests' clocks. */
  public static final long SECOND = 1_000_000_000L;

  private Nodes() {}

  /** A table of these devices, the hot set of each and something that is not hot between. */
  public static SeriesTable table(String node, String rack, List<String> uuids) {
    SeriesTable.Builder table = SeriesTable.builder();
    table.add(
        Cadence.ONCE, Series.of(Metric.NODE_INFO, node, "", "", "", "", "", "", "", rack, ""));
    for (int i = 0; i < uuids.size(); i++) {
      table.add(
          Cadence.FAST,
          Series.of(
              Metric.ACCELERATOR_POWER_WATTS,
              node,
              "" + i,
              uuids.get(i),
              "nvidia",
              "NVIDIA B200",
              "module"));
      for (HotMetric hot : HotMetric.all()) {
        List<String> labels =
            new ArrayList<>(List.of(node, "" + i, uuids.get(i), "nvidia", "NVIDIA B200"));
        labels.addAll(hot.ownValues());
        table.add(Cadence.FAST, new Series(hot.metric(), labels, false));
      }
    }
    return table.build();
  }

  /** Where a reading of {@link #table} stands. */
  public static int place(int device, HotMetric metric) {
    return 1 + device * (HotMetric.COUNT + 1) + 1 + metric.column();
  }

  /** A node whose sample of these readings arrived then. */
  public static NodeState heard(String node, long session, long atNanos, Readings readings) {
    readings.at(atNanos);
    readings.measured(0, 1);
    return heard(node, session, atNanos, readings.sample());
  }

  /** A node whose state is of then, with a sample that may be newer. */
  static NodeState heard(String node, long session, long atNanos, Sample sample) {
    return new NodeState(
        node,
        "0.1.0",
        session,
        atNanos,
        wallMs(atNanos),
        0,
        sample,
        Optional.empty(),
        new Accelerators(sample).now(),
        Findings.NONE);
  }

  /** The tests' wall clock at a moment of their monotonic one. */
  public static long wallMs(long nanos) {
    return 1_700_000_000_000L + nanos / 1_000_000;
  }
}
