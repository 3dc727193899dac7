package io.millwright.collector.page;

import io.millwright.collector.fleet.AcceleratorState;
import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.fleet.Link;
import io.millwright.collector.fleet.NodeState;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The fleet in sums, as readings of the catalogue's families. */
final class FleetSample {
  private static final List<String> VERDICTS = List.of("ok", "degraded", "failed", "unknown");
  private static final double MILLIS = 1e3;

  private FleetSample() {}

  private record Model(String vendor, String model, String state) implements Comparable<Model> {
    @Override
    public int compareTo(Model other) {
      return toString().compareTo(other.toString());
    }
  }

  /**
   * @param ingested readings accepted since the start
   */
  static Sample of(FleetState fleet, long ingested, long nowNanos) {
    Map<Series, Double> values = new LinkedHashMap<>();
    nodes(fleet, nowNanos, values);
    for (NodeState node : fleet.nodes().values()) {
      values.put(
          Series.of(Metric.COLLECTOR_NODE_LAST_SEEN_TIMESTAMP_SECONDS, node.name()),
          node.arrivedWallMs() / MILLIS);
    }
    values.put(Series.of(Metric.COLLECTOR_INGESTED_SAMPLES_TOTAL), (double) ingested);
    accelerators(fleet, nowNanos, values);
    return sample(values);
  }

  /** No health rules have judged any node yet, so each verdict is unknown. */
  private static void nodes(FleetState fleet, long nowNanos, Map<Series, Double> values) {
    for (String verdict : VERDICTS) {
      for (Link link : Link.values()) {
        long count =
            verdict.equals("unknown")
                ? fleet.nodes().values().stream()
                    .filter(node -> node.link(nowNanos) == link)
                    .count()
                : 0;
        values.put(Series.of(Metric.COLLECTOR_NODES, verdict, link.word()), (double) count);
      }
    }
  }

  private static void accelerators(FleetState fleet, long nowNanos, Map<Series, Double> values) {
    Map<Model, Integer> counts = new TreeMap<>();
    for (NodeState node : fleet.nodes().values()) {
      if (node.link(nowNanos) != Link.CONNECTED) {
        continue; // not known now, and so not counted
      }
      for (AcceleratorState device : node.accelerators()) {
        String state = device.up() ? "free" : "failed";
        counts.merge(new Model(device.vendor(), device.model(), state), 1, Integer::sum);
      }
    }
    counts.forEach((model, count) ->
        values.put(
            Series.of(Metric.COLLECTOR_ACCELERATORS, model.vendor(), model.model(), model.state()),
            (double) count));
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
