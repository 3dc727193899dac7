package io.millwright.collector.placement;

import java.util.List;

/**
 * A decision with what it says of each node that has no share of the job.
 *
 * @param others in the order of the fleet
 */
public record Explanation(Placement placement, List<Refusal> others) {
  public Explanation {
    others = List.copyOf(others);
  }
}
