package io.millwright.collector.placement;

import io.millwright.collector.placement.Placement.Placed;
import io.millwright.collector.placement.Placement.Unplaced;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.JobSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A fleet by what is free in it, so that a job is placed without a look at every node.
 *
 * <p>Nodes of one {@link Shape} are looked at once, and of the shapes only those that have enough
 * free. The answers are those of {@link Planner#plan}, but that of the nodes without a place only
 * the first few by name are spoken of.
 *
 * <p><i>Threading:</i> one owner thread. <i>Failure:</i> none; no place is a value.
 */
public final class Capacity {
  private static final int MOST_REFUSALS = 3;
  private static final int MOST_NEEDS = 16;

  private final Planner planner;
  private final NavigableMap<String, Entry> entries = new TreeMap<>();
  private final Map<Shape, Group> groups = new HashMap<>();
  private final Map<DeviceKind, NavigableMap<Integer, Set<Group>>> byFree =
      new EnumMap<>(DeviceKind.class);
  private final Map<Needs, Map<Group, Found>> found =
      new LinkedHashMap<>(MOST_NEEDS, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Needs, Map<Group, Found>> eldest) {
          return size() > MOST_NEEDS;
        }
      };

  public Capacity(Planner planner) {
    this.planner = planner;
    for (DeviceKind kind : DeviceKind.values()) {
      byFree.put(kind, new TreeMap<>());
    }
  }

  /**
   * A node in its group.
   *
   * @param taken UUIDs of its devices that may not be given
   */
  private record Entry(NodeView node, Set<String> taken, Group group) implements Ranked {
    @Override
    public String name() {
      return node.name();
    }

    @Override
    public double score() {
      throw new IllegalStateException("a node has a score for a job alone: " + name());
    }

    @Override
    public Location location() {
      return node.location();
    }
  }

  /** The nodes of one shape, by name. */
  private static final class Group {
    private final Shape shape;
    private final NavigableMap<String, Entry> members = new TreeMap<>();
    private final Map<Optional<String>, NavigableMap<String, Entry>> racks = new HashMap<>();

    private Group(Shape shape) {
      this.shape = shape;
    }

    private void add(Entry entry) {
      members.put(entry.name(), entry);
      racks
          .computeIfAbsent(entry.location().rack(), first -> new TreeMap<>())
          .put(entry.name(), entry);
    }

    private void remove(Entry entry) {
      members.remove(entry.name());
      racks.computeIfPresent(
          entry.location().rack(),
          (same, there) -> {
            there.remove(entry.name());
            return there.isEmpty() ? null : there;
          });
    }
  }

  /** What a job finds on each node of a group. */
  private record Found(Optional<String> refusal, double score) {}

  /** A node that fits. */
  private record Seat(Entry entry, double score) implements Ranked {
    @Override
    public String name() {
      return entry.name();
    }

    @Override
    public Location location() {
      return entry.location();
    }
  }

  /**
   * Nodes that fit equally well.
   *
   * @param size without those that are seen otherwise
   * @param otherwise whether it is one of those
   */
  private record Pool(
      double score,
      boolean loopback,
      int size,
      boolean otherwise,
      NavigableMap<String, Entry> members) {}

  // ---- what there is

  /**
   * The fleet as it is seen now.
   *
   * @param fleet each node once
   * @param taken what may not be given, on whichever node
   * @return whether anything is otherwise, so that a job that had no place may have one
   */
  public boolean see(Collection<NodeView> fleet, Set<DeviceKey> taken) {
    Map<String, Set<String>> byNode =
        taken.stream()
            .collect(
                Collectors.groupingBy(
                    DeviceKey::node, Collectors.mapping(DeviceKey::uuid, Collectors.toSet())));
    Set<String> gone = new HashSet<>(entries.keySet());
    boolean changed = false;
    for (NodeView node : fleet) {
      gone.remove(node.name());
      changed |= see(node, byNode.getOrDefault(node.name(), Set.of()));
    }
    for (String name : gone) {
      changed |= leave(name);
    }
    return changed;
  }

  /** One node as it is seen now; whether a job may have a place there that had none. */
  public boolean see(NodeView node, Set<String> taken) {
    Entry old = entries.get(node.name());
    if (old != null && old.node().equals(node) && old.taken().equals(taken)) {
      return false;
    }
    Shape shape = Shape.of(node, taken);
    if (old != null && old.group().shape.equals(shape)) {
      enter(new Entry(node, Set.copyOf(taken), old.group()));
      return false;
    }
    boolean alike = old != null && old.group().shape.takesAll(shape);
    boolean was = leave(node.name());
    Group group = groups.computeIfAbsent(shape, this::group);
    enter(new Entry(node, Set.copyOf(taken), group));
    return !alike && (was || shape.open());
  }

  /** UUIDs of a node's devices that may not be given. */
  public Set<String> taken(String node) {
    Entry entry = entries.get(node);
    return entry == null ? Set.of() : entry.taken();
  }

  /** A node as it was seen last. */
  public Optional<NodeView> node(String name) {
    return Optional.ofNullable(entries.get(name)).map(Entry::node);
  }

  private Group group(Shape shape) {
    Group group = new Group(shape);
    if (shape.open()) {
      shape
          .free()
          .forEach((kind, free) ->
              index(kind)
                  .computeIfAbsent(
                      free, first -> Collections.newSetFromMap(new IdentityHashMap<>()))
                  .add(group));
    }
    return group;
  }

  private NavigableMap<Integer, Set<Group>> index(DeviceKind kind) {
    return byFree.getOrDefault(kind, Collections.emptyNavigableMap());
  }

  private void enter(Entry entry) {
    Entry before = entries.put(entry.name(), entry);
    if (before != null) {
      before.group().remove(before); // it may stand elsewhere now
    }
    entry.group().add(entry);
  }

  /** Whether an open node went. */
  private boolean leave(String name) {
    Entry entry = entries.remove(name);
    if (entry == null) {
      return false;
    }
    Group group = entry.group();
    group.remove(entry);
    if (group.members.isEmpty()) {
      groups.remove(group.shape);
      found.values().forEach(memory -> memory.remove(group));
      group
          .shape
          .free()
          .forEach((kind, free) ->
              index(kind)
                  .computeIfPresent(
                      free,
                      (same, set) -> {
                        set.remove(group);
                        return set.isEmpty() ? null : set;
                      }));
    }
    return group.shape.open();
  }

  // ---- where a job goes

  /** Where a job would run. */
  public Placement plan(JobSpec spec) {
    return plan(spec, List.of());
  }

  /**
   * Where a job would run.
   *
   * @param instead nodes that this job sees otherwise
   */
  public Placement plan(JobSpec spec, List<NodeView> instead) {
    return plan(spec, instead, Spread.NONE);
  }

  /**
   * Where a job would run.
   *
   * @param instead nodes that this job sees otherwise
   * @param spread of its project
   */
  public Placement plan(JobSpec spec, List<NodeView> instead, Spread spread) {
    Needs needs = Needs.of(spec);
    Map<String, Entry> others = others(instead);
    List<Pool> pools = pools(needs, others, spread);
    boolean gang = needs.nodes() > 1;
    List<Pool> near = gang ? pools.stream().filter(Pool::loopback).toList() : List.of();
    List<Pool> far = gang ? pools.stream().filter(pool -> !pool.loopback()).toList() : pools;
    int nearApart = members(near, others, spread);
    int farApart = gang ? members(far, others, spread) : size(far);
    boolean onlyNear = gang && Planner.onlyNear(nearApart, farApart, needs.nodes());
    List<Pool> reached = onlyNear ? near : far;
    int fitting = onlyNear ? nearApart : farApart;
    if (fitting < needs.nodes()) {
      return unplaced(needs, others, fitting, gang && !onlyNear, spread);
    }
    List<Mark> together = new ArrayList<>();
    List<Seat> seats = seats(needs, others, reached, spread, together);
    return new Placed(
        seats.stream()
            .map(seat -> planner.scored(candidate(seat.entry(), needs), spread).share(together))
            .toList());
  }

  private Map<String, Entry> others(List<NodeView> instead) {
    Map<String, Entry> others = new HashMap<>();
    for (NodeView node : instead) {
      Entry entry = entries.get(node.name());
      if (entry != null) {
        others.put(node.name(), new Entry(node, entry.taken(), entry.group()));
      }
    }
    return others;
  }

  private List<Pool> pools(Needs needs, Map<String, Entry> others, Spread spread) {
    Map<Group, List<Location>> hidden =
        others.values().stream()
            .collect(
                Collectors.groupingBy(
                    Entry::group, Collectors.mapping(Entry::location, Collectors.toList())));
    List<Pool> pools = new ArrayList<>();
    int whole = needs.devices().mig().isPresent() ? 0 : needs.devices().count();
    for (Set<Group> level : index(needs.devices().kind()).tailMap(whole, true).values()) {
      for (Group group : level) {
        Found here = found(needs, group);
        if (here.refusal().isEmpty()) {
          addPools(group, here.score(), hidden.getOrDefault(group, List.of()), spread, pools);
        }
      }
    }
    for (Entry entry : others.values()) {
      Found here = look(entry, needs);
      if (here.refusal().isEmpty() && spread.refusal(entry.location()).isEmpty()) {
        NavigableMap<String, Entry> alone = new TreeMap<>(Map.of(entry.name(), entry));
        pools.add(
            new Pool(
                score(here.score(), entry.location(), spread),
                entry.group().shape.loopback(),
                1,
                true,
                alone));
      }
    }
    return pools;
  }

  /** One of all members; one a rack where it makes a difference in which they are. */
  private static void addPools(
      Group group, double score, List<Location> hidden, Spread spread, List<Pool> pools) {
    if (spread.even()) {
      addPool(group, group.members, hidden.size(), score, spread, pools);
      return;
    }
    Map<Optional<String>, Integer> hiddenThere = new HashMap<>();
    hidden.forEach(at -> hiddenThere.merge(at.rack(), 1, Integer::sum));
    group.racks.forEach((rack, members) ->
        addPool(group, members, hiddenThere.getOrDefault(rack, 0), score, spread, pools));
  }

  private static void addPool(
      Group group,
      NavigableMap<String, Entry> members,
      int hidden,
      double score,
      Spread spread,
      List<Pool> pools) {
    if (members.size() > hidden
        && spread.refusal(members.firstEntry().getValue().location()).isEmpty()) {
      pools.add(
          new Pool(
              score(score, members.firstEntry().getValue().location(), spread),
              group.shape.loopback(),
              members.size() - hidden,
              false,
              members));
    }
  }

  /** As the planner counts it together. */
  private static double score(double alone, Location at, Spread spread) {
    return spread.mark(at).map(mark -> alone + mark.weight() * mark.value()).orElse(alone);
  }

  private Found found(Needs needs, Group group) {
    return found
        .computeIfAbsent(needs, first -> new IdentityHashMap<>())
        .computeIfAbsent(group, first -> look(group.members.firstEntry().getValue(), needs));
  }

  private Found look(Entry entry, Needs needs) {
    Candidate candidate = candidate(entry, needs);
    Optional<String> refusal = planner.refusal(candidate);
    return new Found(refusal, refusal.isPresent() ? 0 : planner.scored(candidate).score());
  }

  private static Candidate candidate(Entry entry, Needs needs) {
    return Planner.candidate(entry.node(), device -> entry.taken().contains(device.uuid()), needs);
  }

  /** How many nodes of these may have members of one run. */
  private static int members(List<Pool> pools, Map<String, Entry> others, Spread spread) {
    return spread.apart()
        ? spread.eachInItsOwn(best(pools, others, Integer.MAX_VALUE)).size()
        : size(pools);
  }

  private static int size(List<Pool> pools) {
    return pools.stream().mapToInt(Pool::size).sum();
  }

  private List<Seat> seats(
      Needs needs,
      Map<String, Entry> others,
      List<Pool> pools,
      Spread spread,
      List<Mark> together) {
    boolean apart = spread.apart() && needs.nodes() > 1;
    if (!Planner.neighbours(needs)) {
      return spread
          .eachInItsOwn(best(pools, others, apart ? Integer.MAX_VALUE : needs.nodes()))
          .stream()
          .limit(needs.nodes())
          .toList();
    }
    List<Seat> all = spread.eachInItsOwn(best(pools, others, Integer.MAX_VALUE));
    List<Seat> chosen = new NodeChooser<Seat>(needs.nodes()).choose(all);
    together.add(NodeChooser.mark(chosen));
    return chosen;
  }

  /** The best first; of pools that are equally good by name. */
  private static List<Seat> best(List<Pool> pools, Map<String, Entry> others, int most) {
    Map<Double, List<Pool>> levels =
        pools.stream()
            .collect(
                Collectors.groupingBy(
                    Pool::score,
                    () -> new TreeMap<>(Collections.reverseOrder()),
                    Collectors.toList()));
    List<Seat> best = new ArrayList<>();
    for (List<Pool> level : levels.values()) {
      int left = most - best.size();
      level.stream()
          .flatMap(pool -> seats(pool, others, left).stream())
          .sorted(Ranked.BEST_FIRST)
          .limit(left)
          .forEach(best::add);
      if (best.size() == most) {
        return best;
      }
    }
    return best;
  }

  @SuppressWarnings("ReferenceEquality") // a node that is looked at otherwise is in two pools
  private static List<Seat> seats(Pool pool, Map<String, Entry> others, int most) {
    return pool.members().values().stream()
        .filter(entry -> pool.otherwise() || !others.containsKey(entry.name()))
        .limit(most)
        .map(entry -> new Seat(entry, pool.score()))
        .toList();
  }

  // ---- why it has no place

  private Unplaced unplaced(
      Needs needs, Map<String, Entry> others, int fitting, boolean onlyFar, Spread spread) {
    String shortage = Planner.shortage(entries.size(), fitting, needs.nodes());
    Function<Entry, String> reason =
        entry -> {
          Found here = look(entry, needs);
          boolean unreached = onlyFar && entry.group().shape.loopback();
          return here.refusal()
              .or(() -> spread.refusal(entry.location()))
              .orElse(unreached ? Planner.LOOPBACK : "fits, but " + shortage);
        };
    List<Refusal> refusals =
        entries.values().stream()
            .limit(MOST_REFUSALS)
            .map(entry -> others.getOrDefault(entry.name(), entry))
            .map(entry -> new Refusal(entry.name(), reason.apply(entry)))
            .toList();
    return new Unplaced(shortage, refusals, entries.size() - refusals.size());
  }
}
