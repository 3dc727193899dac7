package io.millwright.collector.hot;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One reading over many accelerators, of those that tell it now; MIG instances do not count beside
 * their device, and what is no number does not count at all.
 *
 * @param accelerators how many, at least one
 * @param sum in the metric's base unit, as the following
 */
public record Aggregate(int accelerators, double sum, double least, double most) {

  public double mean() {
    return sum / accelerators;
  }

  /** Over all nodes that are connected; empty where none tells it. */
  public static Optional<Aggregate> ofFleet(HotColumns columns, HotMetric metric, long nowNanos) {
    Summing all = new Summing();
    for (int node = 0; node < columns.nodes(); node++) {
      if (columns.connected(node, nowNanos)) {
        all.add(columns, metric, node);
      }
    }
    return all.aggregate();
  }

  /** By rack; under the empty name those of which nobody says where they stand. */
  public static Map<String, Aggregate> ofRacks(
      HotColumns columns, HotMetric metric, long nowNanos) {
    Map<String, Summing> racks = new HashMap<>();
    for (int node = 0; node < columns.nodes(); node++) {
      if (columns.connected(node, nowNanos)) {
        racks
            .computeIfAbsent(columns.node(node).rack(), first -> new Summing())
            .add(columns, metric, node);
      }
    }
    Map<String, Aggregate> aggregates = new TreeMap<>();
    racks.forEach((rack, all) -> all.aggregate().ifPresent(found -> aggregates.put(rack, found)));
    return aggregates;
  }

  private static final class Summing {
    private int count;
    private double sum;
    private double least = Double.POSITIVE_INFINITY;
    private double most = Double.NEGATIVE_INFINITY;

    void add(HotColumns columns, HotMetric metric, int node) {
      int whole = columns.whole(node);
      for (int device = 0; device < whole; device++) {
        double value = Double.longBitsToDouble(columns.cell(metric, node, device));
        if (Double.isFinite(value)) {
          count++;
          sum += value;
          least = Math.min(least, value);
          most = Math.max(most, value);
        }
      }
    }

    Optional<Aggregate> aggregate() {
      return count == 0 ? Optional.empty() : Optional.of(new Aggregate(count, sum, least, most));
    }
  }
}
