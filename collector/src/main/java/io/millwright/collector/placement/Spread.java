package io.millwright.collector.placement;

import io.millwright.protocol.vocabulary.job.JobSpec;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where a project is already, so that the end of one rack is not the end of all that it has: the
 * fewer members of its runs are in a node's rack, the better is the node for another; where a job
 * asks to be apart, a rack with one of them is none for it. Pure.
 *
 * @param project empty of a job that has none, for which this is no term
 * @param racks how many members of its open runs are in each; those that are in one of which it is
 *     known
 * @param unplaced a node with a member of them of which the rack is not known
 * @param apart whether the job asks to be apart from all of them
 */
public record Spread(
    String project, Map<String, Integer> racks, Optional<String> unplaced, boolean apart) {
  /** Of a job without a project. */
  public static final Spread NONE = new Spread("", Map.of());

  private static final String TERM = "spread";
  private static final double WEIGHT = 0.05;
  private static final double UNTOLD = 0.5;

  public Spread {
    racks = Map.copyOf(racks);
  }

  /** Of a project all of whose racks are known, for a job that is only better apart. */
  public Spread(String project, Map<String, Integer> racks) {
    this(project, racks, Optional.empty(), false);
  }

  /** The same for this job. */
  public Spread of(JobSpec spec) {
    return new Spread(project, racks, unplaced, spec.spread().isPresent());
  }

  /** With one more member on each of these nodes. */
  public Spread plus(Collection<NodeView> more) {
    Map<String, Integer> all = new HashMap<>(racks);
    Optional<String> lacking = unplaced;
    for (NodeView node : more) {
      Optional<String> rack = node.location().rack();
      rack.ifPresent(name -> all.merge(name, 1, Integer::sum));
      if (rack.isEmpty() && lacking.isEmpty()) {
        lacking = Optional.of(node.name());
      }
    }
    return new Spread(project, all, lacking, apart);
  }

  /** Whether it makes no difference in which rack a node is. */
  boolean even() {
    return racks.isEmpty() && !apart;
  }

  /** Why a job that asks to be apart cannot be there; empty where it can. */
  Optional<String> refusal(Location at) {
    if (!apart) {
      return Optional.empty();
    }
    if (unplaced.isPresent()) {
      return Optional.of(
          "project %s has a run on %s, whose rack is not known, and the job wants a rack without one"
              .formatted(project, unplaced.get()));
    }
    if (at.rack().isEmpty()) {
      return Optional.of(
          "its rack is not known, and the job asks for spread: rack: put the node into the rack map");
    }
    return at.rack()
        .filter(racks::containsKey)
        .map(rack ->
            "rack %s has a run of project %s, and the job wants a rack without one"
                .formatted(rack, project));
  }

  /** Of nodes that fit those that may have members of one run, the best of each rack. */
  <T extends Ranked> List<T> eachInItsOwn(List<T> bestFirst) {
    if (!apart) {
      return bestFirst;
    }
    Set<Optional<String>> seen = new HashSet<>();
    return bestFirst.stream().filter(node -> seen.add(node.location().rack())).toList();
  }

  /** What speaks for a node there; empty where it is no term. */
  Optional<Mark> mark(Location at) {
    return project.isEmpty()
        ? Optional.empty()
        : Optional.of(new Mark(TERM, WEIGHT, value(at.rack())));
  }

  private double value(Optional<String> rack) {
    if (racks.isEmpty()) {
      return 1;
    }
    return rack.map(name -> 1.0 / (1 + racks.getOrDefault(name, 0))).orElse(UNTOLD);
  }
}
