package io.millwright.collector.placement;

import static java.util.stream.Collectors.joining;

import io.millwright.protocol.vocabulary.job.DeviceKind;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What is kept for the first job of the queue that has no place: those behind it take none of that,
 * unless they have ended before it can begin. Pure.
 *
 * @param run that waits, in words
 * @param user of it
 * @param startMs wall clock by which all of it is free; empty where something on it has no time
 *     limit
 * @param kept UUIDs of its accelerators by node
 */
public record Reservation(
    String run, String user, OptionalLong startMs, Map<String, Set<String>> kept) {
  private static final int MOST_NAMED = 3;

  public Reservation {
    kept = Map.copyOf(kept);
  }

  /**
   * Keeps the nodes that the job can have soonest; where that is not known, those on which fewest
   * accelerators are missing.
   *
   * @param fleet each node once
   * @param taken UUIDs of the devices of a node that may not be given
   * @param occupants of a node
   * @return empty where the fleet has not enough nodes for it, whatever ends
   */
  public static Optional<Reservation> of(
      String run,
      Needs needs,
      List<NodeView> fleet,
      Function<String, Set<String>> taken,
      Function<String, List<Occupant>> occupants,
      long nowMs) {
    List<Vacating> chosen = new Soonest(needs, taken, occupants, nowMs).of(fleet);
    if (chosen.size() < needs.nodes()) {
      return Optional.empty();
    }
    Map<String, Set<String>> kept = new TreeMap<>();
    chosen.forEach(node -> kept.put(node.name(), node.devices()));
    boolean known = chosen.stream().allMatch(node -> node.readyMs().isPresent());
    OptionalLong start =
        known
            ? chosen.stream().mapToLong(node -> node.readyMs().getAsLong()).max()
            : OptionalLong.empty();
    return Optional.of(new Reservation(run, needs.user(), start, kept));
  }

  /**
   * A node with what the job gets there.
   *
   * @param readyMs when it is free at the latest; empty where that is not known
   * @param missing how many of the devices are held now
   */
  record Vacating(String name, OptionalLong readyMs, Set<String> devices, int missing) {}

  /** As whoever waits is told. */
  public String sentence() {
    String nodes = kept.keySet().stream().sorted().limit(MOST_NAMED).collect(joining(", "));
    int more = kept.size() - MOST_NAMED;
    return "kept for it: %s%s".formatted(nodes, more > 0 ? " and %d more".formatted(more) : "");
  }

  /** Whether a job that begins now has ended before the one that waits can begin. */
  public boolean endsBefore(Needs later, long nowMs) {
    return startMs.isPresent()
        && later.longestMs().isPresent()
        && nowMs + later.longestMs().getAsLong() <= startMs.getAsLong();
  }

  /** A node as a job behind the one that waits may use it. */
  public NodeView without(NodeView node, Needs later) {
    Set<String> own = kept.getOrDefault(node.name(), Set.of());
    if (!kept.containsKey(node.name())) {
      return node;
    }
    String why = "kept for %s, which is before it in the queue".formatted(run);
    boolean neuron = node.devices().stream().anyMatch(d -> d.kind() == DeviceKind.NEURON);
    if (neuron && !later.user().equals(user)) {
      return node.duty() instanceof Duty.InService || node.duty() instanceof Duty.Closing
          ? node.with(new Duty.Declining(why)) // one tenant a host
          : node;
    }
    return node.with(
        node.devices().stream()
            .map(device ->
                own.contains(device.uuid()) && device.fit()
                    ? device.with(new Condition.Unfit(why))
                    : device)
            .toList());
  }
}
