package io.millwright.collector.operations;

import io.millwright.collector.racks.Place;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;

/**
 * How much is out and was done, by group, so that a limit is looked up and not counted anew.
 *
 * <p>A node counts as out while an act stands on it or a person has withdrawn it, in whichever
 * group: what a person took is gone for jobs all the same. One in maintenance counts as out in its
 * domain, rack and feed alone, so that a rack in maintenance does not use up the fleet's share. A
 * dry run is held against what was done and what would have been, as if all of it had been. Of one
 * step of the reducer; not for two threads.
 */
final class Tally {
  static final long HOUR_MS = 3_600_000;

  private final Policy.Limits limits;
  private final Function<String, Place> places;
  private final int fleet;
  private final Count done = new Count();
  private final Count would = new Count();

  private enum Kind {
    NODE,
    FLEET,
    DOMAIN,
    RACK,
    FEED
  }

  private record Group(Kind kind, String name) {
    private static final Group ALL = new Group(Kind.FLEET, "");

    String words() {
      return switch (kind) {
        case FLEET -> "the fleet";
        case NODE -> "the node";
        case DOMAIN -> "domain " + name;
        case RACK -> "rack " + name;
        case FEED -> "feed " + name;
      };
    }
  }

  private static final class Count {
    private final Map<Group, Set<String>> out = new HashMap<>();
    private final Map<Group, Integer> acts = new HashMap<>();

    void out(List<Group> groups, String node) {
      groups.forEach(group -> out.computeIfAbsent(group, first -> new HashSet<>()).add(node));
    }

    void act(List<Group> groups) {
      groups.forEach(group -> acts.merge(group, 1, Integer::sum));
    }

    int others(Group group, String node) {
      Set<String> nodes = out.getOrDefault(group, Set.of());
      return nodes.size() - (nodes.contains(node) ? 1 : 0);
    }
  }

  /**
   * @param fleet how many nodes there are
   */
  Tally(Policy.Limits limits, Function<String, Place> places, int fleet) {
    this.limits = limits;
    this.places = places;
    this.fleet = fleet;
  }

  /** A person has withdrawn it. */
  void withdrawn(String node) {
    List<Group> groups = groups(node);
    done.out(groups, node);
    would.out(groups, node);
  }

  /** It is in maintenance, or drained ahead of it. */
  void maintained(String node) {
    List<Group> near = groups(node).stream().filter(group -> group.kind() != Kind.FLEET).toList();
    done.out(near, node);
    would.out(near, node);
  }

  /** An act as it is now, of whichever stage. */
  void add(Act act, long nowMs) {
    List<Group> groups = groups(act.node());
    boolean recent = act.doneMs().isPresent() && nowMs - act.doneMs().getAsLong() < HOUR_MS;
    if (act.stage() == Stage.DONE) {
      would.out(groups, act.node());
    }
    if (recent) {
      would.act(groups);
    }
    if (act.stands()) {
      done.out(groups, act.node());
    }
    if (recent && !act.dry()) {
      done.act(groups);
    }
  }

  private List<Group> groups(String node) {
    Place place = places.apply(node);
    List<Group> groups = new ArrayList<>(List.of(Group.ALL, new Group(Kind.NODE, node)));
    place.domain().ifPresent(name -> groups.add(new Group(Kind.DOMAIN, name)));
    place.rack().ifPresent(name -> groups.add(new Group(Kind.RACK, name)));
    place.feed().ifPresent(name -> groups.add(new Group(Kind.FEED, name)));
    return groups;
  }

  /** The limit that one more act on this node would break, in one clause. */
  Optional<String> objection(String node, boolean dry) {
    Count count = dry ? would : done;
    return groups(node).stream()
        .flatMap(group -> objection(group, node, count).stream())
        .findFirst();
  }

  private Optional<String> objection(Group group, String node, Count count) {
    OptionalInt atOnce = atOnce(group);
    int others = count.others(group, node);
    if (atOnce.isPresent() && others + 1 > atOnce.getAsInt()) {
      return Optional.of(
          "a limit is reached: %d of at most %d nodes of %s are out at once"
              .formatted(others, atOnce.getAsInt(), group.words()));
    }
    OptionalInt anHour = anHour(group);
    int acts = count.acts.getOrDefault(group, 0);
    return anHour.isPresent() && acts + 1 > anHour.getAsInt()
        ? Optional.of(
            "a limit is reached: %d of at most %d acts an hour on %s"
                .formatted(acts, anHour.getAsInt(), group.words()))
        : Optional.empty();
  }

  private OptionalInt atOnce(Group group) {
    return switch (group.kind()) {
      case NODE -> OptionalInt.empty();
      case FLEET -> OptionalInt.of(limits.fleetAtOnce(fleet));
      case DOMAIN -> limits.domain().atOnce();
      case RACK -> limits.rack().atOnce();
      case FEED -> limits.feed().atOnce();
    };
  }

  private OptionalInt anHour(Group group) {
    return switch (group.kind()) {
      case NODE -> OptionalInt.of(limits.perNodeAnHour());
      case FLEET -> limits.fleetAnHour();
      case DOMAIN -> limits.domain().anHour();
      case RACK -> limits.rack().anHour();
      case FEED -> limits.feed().anHour();
    };
  }
}
