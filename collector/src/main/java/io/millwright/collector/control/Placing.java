package io.millwright.collector.control;

import io.millwright.collector.jobs.Retry;
import io.millwright.collector.jobs.Run;
import io.millwright.collector.placement.Capacity;
import io.millwright.collector.placement.DeviceKey;
import io.millwright.collector.placement.Needs;
import io.millwright.collector.placement.NodeView;
import io.millwright.collector.placement.Occupant;
import io.millwright.collector.placement.Placement;
import io.millwright.collector.placement.Planner;
import io.millwright.collector.placement.Reservation;
import io.millwright.collector.placement.Share;
import io.millwright.collector.placement.Spares;
import io.millwright.collector.placement.Spread;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.RunId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which runs of the queue get a place: in the order of the queue, and what has none lets those
 * behind it go first, but for what is kept for the first of them.
 *
 * <p>What had no place is not planned again before something of the fleet changed, and of jobs of
 * the same needs one is planned.
 *
 * <p><i>Threading:</i> the thread {@code control}. <i>Failure:</i> none of its own.
 */
final class Placing {
  /** What waits is told anew of so many each time, though nothing has changed. */
  private static final int FRESH = 50;

  /** Of different needs, in one pass; as many as a scheduler looks at in a queue. */
  private static final int MOST_PLANNED = 1_000;

  /** Each looks at the whole fleet. */
  private static final int MOST_SOUGHT = 16;

  private final Capacity capacity = new Capacity(Planner.standard());
  private final Map<Needs, String> refused = new HashMap<>();

  /** For whom nothing can be kept: the fleet has not enough, whatever ends. */
  private final Set<Sought> hopeless = new HashSet<>();

  /** Whether a pass ended before something was sought for all, so that the next goes on there. */
  private boolean exhausted;

  private final int spareTrays;
  private Map<String, NodeView> spares = Map.of();
  private Optional<Kept> kept = Optional.empty();

  /** What is kept is to be sought again; until it was, whatever fails meanwhile. */
  private boolean stale;

  /** A spare that was given in part is open to all. */
  private boolean opened;

  private long bookAt = -1;

  /**
   * @param spareTrays how many nodes of each NVLink domain are kept for restarts
   */
  Placing(int spareTrays) {
    this.spareTrays = spareTrays;
  }

  /** What is kept, and for whom. */
  private record Kept(RunId run, int priority, Reservation reservation) {}

  /**
   * Of jobs of the same needs one is sought for.
   *
   * @param restart itself, since it sees other nodes; empty where it is none
   */
  private record Sought(Needs needs, Optional<RunId> restart) {
    static Sought of(Run run) {
      return new Sought(Needs.of(run.spec()), run.retry().map(retry -> run.id()));
    }
  }

  /** Does with a decision what is to be done. */
  interface Desk {
    /** The nodes of a run that got its place, as they are seen then; none where it did not. */
    List<NodeView> grant(Run run, Placement.Placed placed);

    /** In words, with what is kept for the run. */
    String sentence(Placement.Unplaced unplaced, Optional<Reservation> own);

    void wait(Run run, String why);

    /** What has not ended on a node. */
    List<Occupant> occupants(String node);

    /** On which nodes each project has members of runs that have not ended, and how many. */
    Map<String, Map<String, Integer>> projects();
  }

  /** A pass over the queue. */
  private final class Pass {
    private final List<NodeView> nodes;
    private final Instant now;
    private final Desk desk;
    private final Map<String, Spread> spreads = new HashMap<>();

    /** Of jobs that want racks of their own: within a pass racks and devices only get fewer. */
    private final Map<Needs, String> crowded = new HashMap<>();

    private boolean headed;
    private int planned;
    private int sought;

    private Pass(List<NodeView> nodes, Instant now, Desk desk) {
      this.nodes = nodes;
      this.now = now;
      this.desk = desk;
    }

    private void turn(List<Run> runs) {
      for (int i = 0; i < runs.size(); i++) {
        Run run = runs.get(i);
        Optional<String> known = i < FRESH ? Optional.empty() : known(run);
        if (known.isPresent()) {
          desk.wait(run, known.get());
        } else if (planned < MOST_PLANNED) {
          plan(run);
        }
      }
    }

    /** Why a job of the same needs had no place. */
    private Optional<String> known(Run run) {
      if (run.spec().spread().isPresent()) {
        return run.retry().isEmpty()
            ? Optional.ofNullable(crowded.get(Needs.of(run.spec())))
            : Optional.empty();
      }
      return run.retry().isEmpty() && (headed || hopeless.contains(Sought.of(run)))
          ? Optional.ofNullable(refused.get(Needs.of(run.spec())))
          : Optional.empty();
    }

    private void plan(Run run) {
      planned++;
      switch (capacity.plan(run.spec(), instead(run, now, headed), spread(run))) {
        case Placement.Placed placed -> placed(run, placed);
        case Placement.Unplaced unplaced -> {
          Optional<Reservation> own = headed ? Optional.empty() : keep(run);
          String why = desk.sentence(unplaced, own);
          if (run.retry().isEmpty() && own.isEmpty()) {
            (run.spec().spread().isPresent() ? crowded : refused).put(Needs.of(run.spec()), why);
          }
          desk.wait(run, why);
        }
      }
    }

    private void placed(Run run, Placement.Placed placed) {
      if (isHead(run)) {
        forget();
      }
      List<NodeView> granted = desk.grant(run, placed);
      for (NodeView node : granted) {
        capacity.see(node, with(node.name(), placed));
        opened |= spares.containsKey(node.name());
      }
      spreads.computeIfPresent(run.spec().project(), (same, before) -> before.plus(granted));
    }

    /** Those of all projects are counted once a pass, if one is asked for. */
    private Spread spread(Run run) {
      if (run.spec().project().isEmpty()) {
        return Spread.NONE.of(run.spec());
      }
      if (spreads.isEmpty()) {
        spreads.putAll(spreads(desk.projects(), nodes));
      }
      return spreads
          .computeIfAbsent(run.spec().project(), project -> new Spread(project, Map.of()))
          .of(run.spec());
    }

    private Set<String> with(String node, Placement.Placed placed) {
      Set<String> taken = new HashSet<>(capacity.taken(node));
      placed.shares().stream()
          .filter(share -> share.node().equals(node))
          .map(Share::devices)
          .forEach(devices -> taken.addAll(devices.uuids()));
      return taken;
    }

    /** The first that has no place is the one for which something is kept. */
    private Optional<Reservation> keep(Run run) {
      if (!stale && isHead(run)) {
        headed = true;
        return kept.map(Kept::reservation);
      }
      Optional<Reservation> own = seek(run);
      own.ifPresentOrElse(
          reservation -> {
            Kept next = new Kept(run.id(), run.spec().priority(), reservation);
            if (!kept.equals(Optional.of(next))) {
              forget();
              kept = Optional.of(next);
            }
            headed = true;
            stale = false;
          },
          () -> {
            if (isHead(run)) {
              forget();
            }
          });
      return own;
    }

    /** For a job that wants racks of its own nothing is kept: which will be so nobody knows. */
    private Optional<Reservation> seek(Run run) {
      Sought one = Sought.of(run);
      if (hopeless.contains(one) || run.spec().spread().isPresent()) {
        return Optional.empty();
      }
      if (sought >= MOST_SOUGHT && !isHead(run)) {
        exhausted = true;
        return Optional.empty();
      }
      sought++;
      Optional<Reservation> own =
          Reservation.of(
              run.id().text(),
              one.needs(),
              run.retry().map(retry -> retry.offered(spared(), now)).orElse(nodes),
              capacity::taken,
              desk::occupants,
              now.toEpochMilli());
      if (own.isEmpty()) {
        hopeless.add(one);
      }
      return own;
    }

    /** With the spares as they are: they are there for restarts. */
    private List<NodeView> spared() {
      return nodes.stream().map(node -> spares.getOrDefault(node.name(), node)).toList();
    }
  }

  /**
   * Places what can be placed.
   *
   * @param nodes as they are seen now
   * @param taken what may not be given
   * @param runs in the order of the queue
   * @param book how often the book has changed
   */
  void turn(
      List<NodeView> nodes,
      Set<DeviceKey> taken,
      List<Run> runs,
      long book,
      Instant now,
      Desk desk) {
    Set<String> spared = Spares.of(nodes, taken, spareTrays);
    spares =
        nodes.stream()
            .filter(node -> spared.contains(node.name()))
            .collect(Collectors.toMap(NodeView::name, node -> node));
    List<NodeView> offered = without(nodes, spared);
    boolean changed = capacity.see(offered, taken) || opened;
    stale |= changed || book != bookAt;
    bookAt = book;
    opened = false;
    if (changed) {
      refused.clear();
      if (!exhausted) {
        hopeless.clear();
      }
    }
    exhausted = false;
    if (kept.isPresent() && runs.stream().noneMatch(this::isHead)) {
      forget();
    }
    new Pass(offered, now, desk).turn(runs);
  }

  /**
   * By project.
   *
   * @param projects how many members each has on which nodes
   */
  static Map<String, Spread> spreads(
      Map<String, Map<String, Integer>> projects, List<NodeView> nodes) {
    Map<String, String> racks = new HashMap<>();
    nodes.forEach(node -> node.location().rack().ifPresent(rack -> racks.put(node.name(), rack)));
    Map<String, Spread> spreads = new HashMap<>();
    projects.forEach((project, members) -> {
      Map<String, Integer> counts = new HashMap<>();
      members.forEach((node, count) ->
          Optional.ofNullable(racks.get(node))
              .ifPresent(rack -> counts.merge(rack, count, Integer::sum)));
      Optional<String> unplaced =
          members.keySet().stream().filter(node -> !racks.containsKey(node)).sorted().findFirst();
      spreads.put(project, new Spread(project, counts, unplaced, false));
    });
    return spreads;
  }

  private static List<NodeView> without(List<NodeView> nodes, Set<String> spares) {
    return spares.isEmpty()
        ? nodes
        : nodes.stream()
            .map(node -> spares.contains(node.name()) ? Spares.kept(node) : node)
            .toList();
  }

  /** Nothing waits for a place. */
  void idle() {
    forget();
  }

  private void forget() {
    kept = Optional.empty();
    refused.clear();
  }

  private boolean isHead(Run run) {
    return kept.filter(head -> head.run().equals(run.id())).isPresent();
  }

  private List<NodeView> instead(Run run, Instant now, boolean behind) {
    Map<String, NodeView> instead = new HashMap<>();
    run.retry()
        .ifPresent(retry -> {
          instead.putAll(spares);
          List<NodeView> avoided =
              retry.avoided().stream()
                  .map(Retry.Avoided::node)
                  .distinct()
                  .flatMap(name ->
                      Optional.ofNullable(instead.get(name)).or(() -> capacity.node(name)).stream())
                  .toList();
          retry.offered(avoided, now).forEach(node -> instead.put(node.name(), node));
        });
    if (behind) {
      Needs needs = Needs.of(run.spec());
      kept.map(Kept::reservation)
          .filter(reservation -> !reservation.endsBefore(needs, now.toEpochMilli()))
          .ifPresent(reservation ->
              reservation.kept().keySet().stream()
                  .flatMap(name ->
                      Optional.ofNullable(instead.get(name)).or(() -> capacity.node(name)).stream())
                  .map(node -> reservation.without(node, needs))
                  .toList()
                  .forEach(node -> instead.put(node.name(), node)));
    }
    return new ArrayList<>(instead.values());
  }

  /** The fleet as a job that is submitted now would see it. */
  List<NodeView> offered(List<NodeView> nodes, Set<DeviceKey> taken, JobSpec spec, Instant now) {
    return offered(without(nodes, Spares.of(nodes, taken, spareTrays)), spec, now);
  }

  private List<NodeView> offered(List<NodeView> nodes, JobSpec spec, Instant now) {
    Needs needs = Needs.of(spec);
    return kept.filter(head -> head.priority() >= spec.priority())
        .map(Kept::reservation)
        .filter(reservation -> !reservation.endsBefore(needs, now.toEpochMilli()))
        .map(reservation -> nodes.stream().map(node -> reservation.without(node, needs)).toList())
        .orElse(nodes);
  }
}
