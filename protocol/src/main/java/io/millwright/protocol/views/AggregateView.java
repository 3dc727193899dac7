package io.millwright.protocol.views;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One metric over all accelerators that tell it now, in its base unit.
 *
 * @param labels the metric's own
 * @param accelerators how many, MIG instances not counted
 * @param sum absent where none tells it, as the following
 * @param racks the same by rack, where that was asked for
 */
public record AggregateView(
    int schemaVersion,
    String metric,
    Map<String, String> labels,
    int accelerators,
    OptionalDouble sum,
    OptionalDouble min,
    OptionalDouble mean,
    OptionalDouble max,
    Optional<List<Rack>> racks) {
  public AggregateView {
    labels = Map.copyOf(labels);
    racks = racks.map(List::copyOf);
  }

  /**
   * Over one rack.
   *
   * @param rack empty for the nodes of which nobody says where they stand
   */
  public record Rack(
      String rack, int accelerators, double sum, double min, double mean, double max) {}
}
