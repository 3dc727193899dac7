package io.millwright.collector.placement;

import java.util.List;

/** The planner's decision. */
public sealed interface Placement {

  /**
   * The job has a place.
   *
   * @param shares one a node, in the order of their ranks
   */
  record Placed(List<Share> shares) implements Placement {
    public Placed {
      shares = List.copyOf(shares);
    }
  }

  /**
   * The job has no place now.
   *
   * @param summary in words
   * @param refusals one a node, in the order of the fleet
   */
  record Unplaced(String summary, List<Refusal> refusals) implements Placement {
    public Unplaced {
      refusals = List.copyOf(refusals);
    }
  }
}
