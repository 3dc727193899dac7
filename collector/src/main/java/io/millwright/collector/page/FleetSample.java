package io.millwright.collector.page;

import io.millwright.collector.fleet.AcceleratorState;
import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.fleet.Link;
import io.millwright.collector.fleet.NodeState;
import io.millwright.collector.placement.DeviceKey;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/** The fleet in sums, as readings of the catalogue's families. */
final class FleetSample {
  private static final double MILLIS = 1e3;

  private FleetSample() {}

  private record Model(String vendor, String model, String state) implements Comparable<Model> {
    @Override
    public int compareTo(Model other) {
      return toString().compareTo(other.toString());
    }
  }

  /**
   * @param held whether a job has a device
   * @param ingested readings accepted since the start
   */
  static Sample of(FleetState fleet, Predicate<DeviceKey> held, long ingested, long nowNanos) {
    Map<Series, Double> values = new LinkedHashMap<>();
    nodes(fleet, nowNanos, values);
    for (NodeState node : fleet.nodes().values()) {
      values.put(
          Series.of(Metric.COLLECTOR_NODE_LAST_SEEN_TIMESTAMP_SECONDS, node.name()),
          node.arrivedWallMs() / MILLIS);
    }
    values.put(Series.of(Metric.COLLECTOR_INGESTED_SAMPLES_TOTAL), (double) ingested);
    values.put(
        Series.of(Metric.COLLECTOR_CLOCK_DIFFERS_NODES),
        (double)
            fleet.nodes().values().stream()
                .filter(node -> node.clockDiffers() && node.link(nowNanos) == Link.CONNECTED)
                .count());
    accelerators(fleet, held, nowNanos, values);
    return sample(values);
  }

  private static void nodes(FleetState fleet, long nowNanos, Map<Series, Double> values) {
    for (Verdict verdict : Verdict.values()) {
      for (Link link : Link.values()) {
        values.put(Series.of(Metric.COLLECTOR_NODES, verdict.word(), link.word()), 0.0);
      }
    }
    for (NodeState node : fleet.nodes().values()) {
      Series series =
          Series.of(
              Metric.COLLECTOR_NODES, node.verdict(nowNanos).word(), node.link(nowNanos).word());
      values.merge(series, 1.0, Double::sum);
    }
  }

  private static void accelerators(
      FleetState fleet, Predicate<DeviceKey> held, long nowNanos, Map<Series, Double> values) {
    Map<Model, Integer> counts = new TreeMap<>();
    for (NodeState node : fleet.nodes().values()) {
      if (node.link(nowNanos) != Link.CONNECTED) {
        continue; // not known now, and so not counted
      }
      for (AcceleratorState device : node.accelerators()) {
        if (device.instance()) {
          continue; // a part of one that is counted
        }
        String state = state(device, held.test(new DeviceKey(node.name(), device.uuid())));
        counts.merge(new Model(device.vendor(), device.model(), state), 1, Integer::sum);
      }
    }
    counts.forEach((model, count) ->
        values.put(
            Series.of(Metric.COLLECTOR_ACCELERATORS, model.vendor(), model.model(), model.state()),
            (double) count));
  }

  /**
   * The one state that a device counts under: what is failed is no capacity, whoever has it; one
   * that answers and of which its agent knows no verdict is neither free nor failed.
   */
  private static String state(AcceleratorState device, boolean held) {
    Verdict verdict = device.told().orElse(Verdict.OK); // an agent that judges nothing
    if (!device.up() || verdict == Verdict.FAILED) {
      return "failed";
    }
    if (held) {
      return "allocated";
    }
    if (device.divided()) {
      return "drained"; // no job can have the whole of it
    }
    return verdict == Verdict.UNKNOWN ? "unknown" : "free";
  }

  /** These values as a sample, in their order. */
  static Sample sample(Map<Series, Double> values) {
    SeriesTable.Builder table = SeriesTable.builder();
    values.keySet().forEach(series -> table.add(Cadence.FAST, series));
    Readings readings = new Readings(table.build());
    int at = 0;
    for (double value : values.values()) {
      readings.measured(at, value);
      at++;
    }
    return readings.sample();
  }
}
