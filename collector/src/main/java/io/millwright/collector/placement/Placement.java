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
   * @param more how many nodes there are besides, of which nothing is said
   */
  record Unplaced(String summary, List<Refusal> refusals, int more) implements Placement {
    public Unplaced {
      refusals = List.copyOf(refusals);
    }

    /** With a word of each node. */
    public Unplaced(String summary, List<Refusal> refusals) {
      this(summary, refusals, 0);
    }
  }
}
