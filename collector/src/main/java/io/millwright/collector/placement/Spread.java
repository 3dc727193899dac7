package io.millwright.collector.placement;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where a project is already, so that the end of one rack is not the end of all that it has: the
 * fewer members of its runs are in a node's rack, the better is the node for another. Pure.
 *
 * @param project empty of a job that has none, for which this is no term
 * @param racks how many members of its open runs are in each; those that are in one of which it is
 *     known
 */
public record Spread(String project, Map<String, Integer> racks) {
  /** Of a job without a project. */
  public static final Spread NONE = new Spread("", Map.of());

  private static final String TERM = "spread";
  private static final double WEIGHT = 0.05;
  private static final double UNTOLD = 0.5;

  public Spread {
    racks = Map.copyOf(racks);
  }

  /** With one more member at each of these places. */
  public Spread plus(Collection<Location> more) {
    Map<String, Integer> all = new HashMap<>(racks);
    more.forEach(at -> at.rack().ifPresent(rack -> all.merge(rack, 1, Integer::sum)));
    return new Spread(project, all);
  }

  /** Whether it makes no difference in which rack a node is. */
  boolean even() {
    return racks.isEmpty();
  }

  /** What speaks for a node there; empty where it is no term. */
  Optional<Mark> mark(Location at) {
    return project.isEmpty()
        ? Optional.empty()
        : Optional.of(new Mark(TERM, WEIGHT, value(at.rack())));
  }

  private double value(Optional<String> rack) {
    if (even()) {
      return 1;
    }
    return rack.map(name -> 1.0 / (1 + racks.getOrDefault(name, 0))).orElse(UNTOLD);
  }
}
