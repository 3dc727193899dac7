package io.millwright.collector.acceptance;

import io.millwright.collector.acceptance.Standing.State;
import io.millwright.collector.audit.AuditDraft;
import io.millwright.collector.audit.AuditLog;
import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.fleet.Link;
import io.millwright.collector.fleet.NodeState;
import io.millwright.collector.operations.Operating.News;
import io.millwright.collector.operations.PlainText;
import io.millwright.collector.operations.Policy;
import io.millwright.collector.operations.Ruling;
import io.millwright.collector.store.StateStore;
import io.millwright.protocol.bodies.Shown;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps which equipment was accepted, sees what has changed, and says who takes no work.
 *
 * <p>What a node's agent tells is taken in; what it does not tell changes nothing. A pass of the
 * site's test, ordered by whomever after the last change, accepts the node, and so does a person. A
 * run that is under way is never touched.
 *
 * <p><i>Lifecycle:</i> {@link #open} reads the store; there is nothing to close. <i>Threading:</i>
 * the thread {@code control} owns it; {@link #nodes}, {@link #standings} and {@link #withheld} from
 * any. <i>Failure:</i> {@code StoreException} and {@code AuditException}, after which all stands as
 * it did before.
 */
public final class AcceptanceDesk implements Accepting {
  private static final Logger LOG = LoggerFactory.getLogger(AcceptanceDesk.class);
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final int MOST_BATCHES = 5;
  private static final int MOST_NEWS = 200;
  private static final int LONGEST_ENTRY = 1000;
  private static final String POLICY = "policy";

  private final AcceptanceStore store;
  private final TestSource tests;
  private final Site site;
  private final TestStarts starts;
  private final Absences absences = new Absences();
  private final Clock clock;
  private final List<News> news = new ArrayList<>();
  private final Map<String, Read> read = new HashMap<>();
  private volatile SortedMap<String, NodeAcceptance> nodes;
  private volatile Map<String, Standing> standings = Map.of();
  private volatile SortedMap<String, Equipment> told = Collections.emptySortedMap();

  /** Nodes whose newest table is not taken in: what they are known to have may be gone. */
  private volatile Set<String> behind = Set.of();

  /** Nodes that tell of themselves, and never told of an accelerator. */
  private final Set<String> bare = ConcurrentHashMap.newKeySet();

  private boolean looked;
  private long lookedNanos;

  /**
   * What was read out of the labels of a table.
   *
   * @param takenIn whether what is known of the node has it
   */
  private record Read(SeriesTable table, Equipment equipment, boolean takenIn) {}

  /** What becomes of a node at a turn. */
  private record Step(NodeAcceptance node, Optional<AuditDraft> draft) {}

  private AcceptanceDesk(
      SortedMap<String, NodeAcceptance> nodes,
      AcceptanceStore store,
      TestSource tests,
      Site site,
      Clock clock) {
    this.nodes = Collections.unmodifiableSortedMap(nodes);
    this.store = store;
    this.tests = tests;
    this.site = site;
    this.starts = new TestStarts(tests, site);
    this.clock = clock;
  }

  /** Reads what stood when the last collector ended. */
  public static AcceptanceDesk open(
      StateStore stored, AuditLog audit, TestSource tests, Site site, Clock clock) {
    AcceptanceDesk desk =
        new AcceptanceDesk(
            AcceptanceStore.read(stored), new AcceptanceStore(audit), tests, site, clock);
    desk.publish();
    return desk;
  }

  // ---- what others may know

  /** What is known of each node, by its name. */
  public SortedMap<String, NodeAcceptance> nodes() {
    return nodes;
  }

  /**
   * What the nodes that are connected tell of themselves now, by name; those that tell of no
   * accelerator are not in it. The same instance while nothing of it changes.
   */
  public SortedMap<String, Equipment> told() {
    return told;
  }

  /** How far each node is, by its name. */
  public Map<String, Standing> standings() {
    return standings;
  }

  /** What the site wants now. */
  public Policy.Acceptance policy() {
    return site.policy();
  }

  /** The newest run of the site's test on a node; empty where the site names no test. */
  public Optional<TestSource.Run> newestTest(String node) {
    return site.policy().test().flatMap(test -> tests.newest(node, test));
  }

  @Override
  public Optional<Pass> lastPass(String node) {
    return Optional.ofNullable(nodes.get(node)).flatMap(NodeAcceptance::pass);
  }

  /**
   * A node of which nothing was told yet, or whose newest table is not taken in, is not accepted.
   * One that never had an accelerator has nothing to accept.
   */
  @Override
  public Optional<String> withheld(String node) {
    if (site.policy().mode() != Policy.Mode.ACT) {
      return Optional.empty();
    }
    Standing standing = standings.get(node);
    if (standing != null && standing.state() != State.ACCEPTED) {
      return Optional.of(
          "not accepted (%s): %s".formatted(standing.state().word(), standing.words()));
    }
    boolean known = standing != null || bare.contains(node);
    return known && !behind.contains(node)
        ? Optional.empty()
        : Optional.of("not accepted: what its agent tells of its equipment is not taken in yet");
  }

  @Override
  public OptionalLong changedMs(String node) {
    NodeAcceptance one = nodes.get(node);
    return one == null ? OptionalLong.empty() : OptionalLong.of(one.changedMs());
  }

  @Override
  public List<News> news() {
    List<News> told = List.copyOf(news);
    news.clear();
    return told;
  }

  private void tell(String kind, String subject, String message) {
    if (news.size() < MOST_NEWS) {
      news.add(new News(kind, subject, message));
    }
  }

  // ---- what people ask for

  /** Accepts what a node tells of itself now; what it does not tell is not a part of it. */
  public Ruling<NodeAcceptance> accept(FleetState fleet, String name, String by, String reason) {
    PlainText.require("reason", reason);
    Optional<NodeState> state = fleet.node(name);
    NodeAcceptance before = nodes.get(name);
    if (state.isEmpty() && before == null) {
      return new Ruling.Unknown<>(
          "No node '%s' has reported; /v1/nodes lists those that have."
              .formatted(Shown.text(name)));
    }
    Equipment told =
        state
            .filter(node -> node.link(clock.nanos()) == Link.CONNECTED)
            .map(this::equipment)
            .orElse(Equipment.NONE);
    if (told.isEmpty()) {
      return new Ruling.Refused<>(
          "node %s tells of no accelerator now, so that there is nothing to accept; try again once it does"
              .formatted(Shown.text(name)));
    }
    long now = clock.wall().toEpochMilli();
    NodeAcceptance known =
        before == null ? NodeAcceptance.of(name, told, now, tests.latest()) : before;
    NodeAcceptance after = known.passed(new Pass(told, now, by, reason));
    store.commit(
        List.of(after),
        List.of(new AuditDraft(by, "node.accept", name, words(before), words(told), reason)));
    put(List.of(after));
    tell("node-accepted", name, "A person accepted its equipment; the audit log says who and why.");
    return new Ruling.Done<>(after);
  }

  private String words(@Nullable NodeAcceptance before) {
    return before == null ? "new" : cut(Judge.of(before, newestTest(before.node())).words());
  }

  private static String words(Equipment equipment) {
    return cut(
        "%d accelerators (%s), drivers %s"
            .formatted(
                equipment.devices().size(),
                String.join(", ", equipment.devices().values().stream().map(Device::name).toList()),
                equipment.drivers()));
  }

  private static String cut(String words) {
    return words.length() <= LONGEST_ENTRY ? words : words.substring(0, LONGEST_ENTRY) + " …";
  }

  // ---- the turn

  /** What is new is taken in at once, for a job may be placed in the same turn. */
  @Override
  public void turn(FleetState fleet) {
    long nanos = clock.nanos();
    boolean due = !looked || nanos - lookedNanos >= LOOK.toNanos();
    List<NodeState> fresh = notTakenIn(fleet, nanos);
    behind = fresh.stream().map(NodeState::name).collect(Collectors.toUnmodifiableSet());
    if (due || !fresh.isEmpty()) {
      takeIn(due ? fleet.nodes().values() : fresh);
      behind =
          notTakenIn(fleet, nanos).stream()
              .map(NodeState::name)
              .collect(Collectors.toUnmodifiableSet());
    }
    if (due) {
      looked = true;
      lookedNanos = nanos;
      forget(absences.gone(fleet, nodes.keySet(), site::mapped, nanos));
      publish();
      told(fleet, nanos);
      begin(fleet, nanos);
    }
  }

  private void told(FleetState fleet, long nanos) {
    TreeMap<String, Equipment> next = new TreeMap<>();
    for (NodeState node : fleet.nodes().values()) {
      Equipment one = node.link(nanos) == Link.CONNECTED ? equipment(node) : Equipment.NONE;
      if (!one.isEmpty()) {
        next.put(node.name(), one);
      }
    }
    if (!next.equals(told)) {
      told = Collections.unmodifiableSortedMap(next);
    }
  }

  /** Nobody will ever say that such a node has what it had. */
  private void forget(List<String> gone) {
    for (int from = 0; from < gone.size(); from += AuditLog.MOST_ENTRIES) {
      List<String> some = gone.subList(from, Math.min(from + AuditLog.MOST_ENTRIES, gone.size()));
      store.forget(some, some.stream().flatMap(node -> forgotten(node).stream()).toList());
      TreeMap<String, NodeAcceptance> next = new TreeMap<>(nodes);
      some.forEach(next::remove);
      nodes = Collections.unmodifiableSortedMap(next);
      some.forEach(node -> {
        read.remove(node);
        starts.forget(node);
        absences.forget(node);
      });
    }
  }

  private Optional<AuditDraft> forgotten(String name) {
    return lastPass(name)
        .map(pass ->
            new AuditDraft(
                POLICY,
                "node.forget",
                name,
                words(pass.equipment()),
                "not known",
                "not heard of for a week, and not in the rack map"));
  }

  private List<NodeState> notTakenIn(FleetState fleet, long nanos) {
    List<NodeState> some = new ArrayList<>();
    for (NodeState node : fleet.nodes().values()) {
      SeriesTable table = node.sample().table();
      Read known = read.get(node.name());
      boolean same = known != null && known.table() == table && known.takenIn();
      if (!same && table.size() > 0 && node.link(nanos) == Link.CONNECTED) {
        some.add(node);
      }
    }
    return some;
  }

  private void takeIn(Collection<NodeState> some) {
    long now = clock.wall().toEpochMilli();
    List<Step> steps = new ArrayList<>();
    for (NodeState node : some) {
      if (steps.size() < MOST_BATCHES * AuditLog.MOST_ENTRIES) {
        step(node, now).ifPresent(steps::add);
      }
    }
    for (int from = 0; from < steps.size(); from += AuditLog.MOST_ENTRIES) {
      keep(steps.subList(from, Math.min(from + AuditLog.MOST_ENTRIES, steps.size())));
    }
  }

  private Optional<Step> step(NodeState state, long now) {
    NodeAcceptance before = nodes.get(state.name());
    NodeAcceptance after = before;
    if (state.link(clock.nanos()) == Link.CONNECTED) {
      Equipment told = equipment(state);
      if (before == null && told.isEmpty()) {
        bare(state);
        return Optional.empty();
      }
      if (before == null) {
        return Optional.of(
            new Step(NodeAcceptance.of(state.name(), told, now, tests.latest()), Optional.empty()));
      }
      after = isTakenIn(state.name()) ? before : before.told(told, now, tests.latest());
    }
    if (before == null || after == null) {
      return Optional.empty();
    }
    Optional<TestSource.Run> run = counting(after);
    if (run.filter(one -> one.result() == TestSource.Result.PASSED).isPresent()) {
      return Optional.of(passed(after, run.get(), now));
    }
    if (run.filter(one -> one.result() == TestSource.Result.FAILED).isPresent()) {
      after = after.failed(run.get());
    }
    if (after.equals(before)) {
      takenIn(state.name());
      return Optional.empty();
    }
    return Optional.of(new Step(after, changed(before, after)));
  }

  private void bare(NodeState state) {
    if (state.sample().table().size() > 0) {
      takenIn(state.name());
      bare.add(state.name());
    }
  }

  /** Labels change only with the table. */
  private Equipment equipment(NodeState state) {
    SeriesTable table = state.sample().table();
    Read known = read.get(state.name());
    if (known == null || known.table() != table) {
      known = new Read(table, kept(state.name(), EquipmentReader.of(table)), false);
      read.put(state.name(), known);
    }
    return known.equipment();
  }

  /** What the store has of the node where that is the same: one of two equal ones is enough. */
  private Equipment kept(String node, Equipment told) {
    NodeAcceptance before = nodes.get(node);
    return before != null && before.seen().equals(told) ? before.seen() : told;
  }

  private boolean isTakenIn(String node) {
    Read known = read.get(node);
    return known != null && known.takenIn();
  }

  private void takenIn(String node) {
    read.computeIfPresent(node, (name, known) -> new Read(known.table(), known.equipment(), true));
  }

  private Optional<TestSource.Run> counting(NodeAcceptance node) {
    return node.accepted() ? Optional.empty() : Judge.counting(node, newestTest(node.node()));
  }

  private static Step passed(NodeAcceptance node, TestSource.Run run, long now) {
    String evidence = "order %s: %s".formatted(run.order(), run.words());
    return new Step(
        node.passed(new Pass(node.seen(), now, POLICY, evidence)),
        Optional.of(
            new AuditDraft(
                POLICY,
                "node.accept",
                node.node(),
                cut(String.join("; ", node.changes())),
                words(node.seen()),
                evidence)));
  }

  private Optional<AuditDraft> changed(NodeAcceptance before, NodeAcceptance after) {
    if (after.pass().isEmpty() || before.changes().equals(after.changes())) {
      return Optional.empty();
    }
    return Optional.of(
        new AuditDraft(
            POLICY,
            "node.equipment",
            after.node(),
            before.accepted() ? "accepted" : cut(String.join("; ", before.changes())),
            after.accepted() ? "accepted" : cut(String.join("; ", after.changes())),
            "as its agent tells it"));
  }

  private void keep(List<Step> some) {
    List<NodeAcceptance> changed = some.stream().map(Step::node).toList();
    store.commit(changed, some.stream().flatMap(step -> step.draft().stream()).toList());
    some.forEach(this::tell);
    put(changed);
    changed.forEach(node -> takenIn(node.node()));
  }

  private void tell(Step step) {
    NodeAcceptance after = step.node();
    NodeAcceptance before = nodes.get(after.node());
    boolean was = before != null && before.accepted();
    if (after.accepted() && !was) {
      tell(
          "node-accepted",
          after.node(),
          after
              .pass()
              .filter(pass -> pass.by().equals(POLICY)) // what a person writes is not for everybody
              .map(pass -> "Its equipment is accepted: %s.".formatted(pass.evidence()))
              .orElse("Its equipment is again as it was accepted."));
      LOG.info("node accepted node={}", after.node());
    } else if (was && !after.accepted()) {
      String words = String.join("; ", after.changes());
      tell("node-unaccepted", after.node(), "%s%s.".formatted(words, consequence()));
      LOG.warn("node is not accepted any more node={} changes={}", after.node(), words);
    }
  }

  private String consequence() {
    return switch (site.policy().mode()) {
      case OBSERVE -> "";
      case DRY_RUN -> "; it would take no new job until it is accepted (dry run)";
      case ACT -> "; it takes no new job until it is accepted";
    };
  }

  private void put(List<NodeAcceptance> changed) {
    SortedMap<String, NodeAcceptance> next = new TreeMap<>(nodes);
    changed.forEach(node -> next.put(node.node(), node));
    nodes = Collections.unmodifiableSortedMap(next);
    Map<String, Standing> judged = new HashMap<>(standings);
    changed.forEach(node -> judged.put(node.node(), standing(node)));
    standings = Map.copyOf(judged);
    changed.forEach(node -> bare.remove(node.node())); // after its standing is there
  }

  private void publish() {
    Map<String, Standing> next = new HashMap<>();
    nodes.forEach((name, node) -> next.put(name, standing(node)));
    standings = Map.copyOf(next);
  }

  private Standing standing(NodeAcceptance node) {
    return Judge.of(node, node.accepted() ? Optional.empty() : newestTest(node.node()));
  }

  // ---- the site's test, by itself

  private void begin(FleetState fleet, long nanos) {
    Policy.Acceptance wanted = site.policy();
    if (wanted.mode() == Policy.Mode.ACT && wanted.begin()) {
      wanted.test().ifPresent(test -> starts.begin(fleet, nodes, standings, test, nanos));
    }
  }
}
