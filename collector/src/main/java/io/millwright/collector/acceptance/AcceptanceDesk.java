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
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
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
  private static final Duration AGAIN = Duration.ofMinutes(1);
  private static final Duration LONGEST_AGAIN = Duration.ofHours(1);
  private static final int MOST_DOUBLED = 6;
  private static final int MOST_BATCHES = 5;
  private static final int MOST_NEWS = 200;
  private static final int LONGEST_ENTRY = 1000;
  private static final String POLICY = "policy";

  private final AcceptanceStore store;
  private final TestSource tests;
  private final Supplier<Policy.Acceptance> policy;
  private final Predicate<String> busy;
  private final Clock clock;
  private final List<News> news = new ArrayList<>();
  private final Map<String, Read> read = new HashMap<>();
  private final Map<String, Tries> tried = new HashMap<>();
  private volatile SortedMap<String, NodeAcceptance> nodes;
  private volatile Map<String, Standing> standings = Map.of();
  private boolean looked;
  private long lookedNanos;

  /**
   * What was read out of the labels of a table.
   *
   * @param takenIn whether what is known of the node has it
   */
  private record Read(SeriesTable table, Equipment equipment, boolean takenIn) {}

  /** How often a test was begun of the same equipment, and when it may be again. */
  private record Tries(long changedMs, int count, long nextNanos) {}

  /** What becomes of a node at a turn. */
  private record Step(NodeAcceptance node, Optional<AuditDraft> draft) {}

  private AcceptanceDesk(
      SortedMap<String, NodeAcceptance> nodes,
      AcceptanceStore store,
      TestSource tests,
      Supplier<Policy.Acceptance> policy,
      Predicate<String> busy,
      Clock clock) {
    this.nodes = Collections.unmodifiableSortedMap(nodes);
    this.store = store;
    this.tests = tests;
    this.policy = policy;
    this.busy = busy;
    this.clock = clock;
  }

  /**
   * Reads what stood when the last collector ended.
   *
   * @param policy what the site wants, asked anew at each turn
   * @param busy whether a node has a run that has not ended
   */
  public static AcceptanceDesk open(
      StateStore stored,
      AuditLog audit,
      TestSource tests,
      Supplier<Policy.Acceptance> policy,
      Predicate<String> busy,
      Clock clock) {
    AcceptanceDesk desk =
        new AcceptanceDesk(
            AcceptanceStore.read(stored), new AcceptanceStore(audit), tests, policy, busy, clock);
    desk.publish();
    return desk;
  }

  // ---- what others may know

  /** What is known of each node, by its name. */
  public SortedMap<String, NodeAcceptance> nodes() {
    return nodes;
  }

  /** How far each node is, by its name. */
  public Map<String, Standing> standings() {
    return standings;
  }

  /** What the site wants now. */
  public Policy.Acceptance policy() {
    return policy.get();
  }

  /** The newest run of the site's test on a node; empty where the site names no test. */
  public Optional<TestSource.Run> newestTest(String node) {
    return policy.get().test().flatMap(test -> tests.newest(node, test));
  }

  @Override
  public Optional<Pass> lastPass(String node) {
    return Optional.ofNullable(nodes.get(node)).flatMap(NodeAcceptance::pass);
  }

  /** A node whose equipment was not told yet is not accepted. */
  @Override
  public Optional<String> withheld(String node) {
    if (policy.get().mode() != Policy.Mode.ACT) {
      return Optional.empty();
    }
    Standing standing = standings.get(node);
    if (standing == null) {
      return Optional.of("not accepted: its agent has told of no accelerator yet");
    }
    return standing.state() == State.ACCEPTED
        ? Optional.empty()
        : Optional.of("not accepted (%s): %s".formatted(standing.state().word(), standing.words()));
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
    NodeAcceptance known = before == null ? NodeAcceptance.of(name, told, now) : before;
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

  @Override
  public void turn(FleetState fleet) {
    long nanos = clock.nanos();
    if (looked && nanos - lookedNanos < LOOK.toNanos()) {
      return;
    }
    looked = true;
    lookedNanos = nanos;
    long now = clock.wall().toEpochMilli();
    List<Step> steps = new ArrayList<>();
    for (NodeState node : fleet.nodes().values()) {
      if (steps.size() < MOST_BATCHES * AuditLog.MOST_ENTRIES) {
        step(node, now).ifPresent(steps::add);
      }
    }
    for (int from = 0; from < steps.size(); from += AuditLog.MOST_ENTRIES) {
      keep(steps.subList(from, Math.min(from + AuditLog.MOST_ENTRIES, steps.size())));
    }
    publish();
    begin(fleet, nanos);
  }

  private Optional<Step> step(NodeState state, long now) {
    NodeAcceptance before = nodes.get(state.name());
    NodeAcceptance after = before;
    if (state.link(clock.nanos()) == Link.CONNECTED) {
      Equipment told = equipment(state);
      if (before == null) {
        return told.isEmpty()
            ? Optional.empty()
            : Optional.of(new Step(NodeAcceptance.of(state.name(), told, now), Optional.empty()));
      }
      after = isTakenIn(state.name()) ? before : before.told(told, now);
    }
    if (before == null || after == null) {
      return Optional.empty();
    }
    Optional<TestSource.Run> passed = passed(after);
    if (passed.isPresent()) {
      return Optional.of(passed(after, passed.get(), now));
    }
    if (after.equals(before)) {
      takenIn(state.name());
      return Optional.empty();
    }
    return Optional.of(new Step(after, changed(before, after)));
  }

  /** Labels change only with the table. */
  private Equipment equipment(NodeState state) {
    SeriesTable table = state.sample().table();
    Read known = read.get(state.name());
    if (known == null || known.table() != table) {
      known = new Read(table, EquipmentReader.of(table), false);
      read.put(state.name(), known);
    }
    return known.equipment();
  }

  private boolean isTakenIn(String node) {
    Read known = read.get(node);
    return known != null && known.takenIn();
  }

  private void takenIn(String node) {
    read.computeIfPresent(node, (name, known) -> new Read(known.table(), known.equipment(), true));
  }

  private Optional<TestSource.Run> passed(NodeAcceptance node) {
    return node.accepted()
        ? Optional.empty()
        : Judge.counting(node, newestTest(node.node()))
            .filter(run -> run.result() == TestSource.Result.PASSED);
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
    return switch (policy.get().mode()) {
      case OBSERVE -> "";
      case DRY_RUN -> "; it would take no new job until it is accepted (dry run)";
      case ACT -> "; it takes no new job until it is accepted";
    };
  }

  private void put(List<NodeAcceptance> changed) {
    SortedMap<String, NodeAcceptance> next = new TreeMap<>(nodes);
    changed.forEach(node -> next.put(node.node(), node));
    nodes = Collections.unmodifiableSortedMap(next);
    publish();
  }

  private void publish() {
    Map<String, Standing> next = new HashMap<>();
    nodes.forEach((name, node) ->
        next.put(name, Judge.of(node, node.accepted() ? Optional.empty() : newestTest(name))));
    standings = Map.copyOf(next);
  }

  // ---- the site's test, by itself

  private void begin(FleetState fleet, long nanos) {
    Policy.Acceptance wanted = policy.get();
    if (wanted.mode() != Policy.Mode.ACT || !wanted.begin()) {
      return;
    }
    for (NodeState state : fleet.nodes().values()) {
      NodeAcceptance node = nodes.get(state.name());
      if (node != null && due(state, node, nanos)) {
        wanted.test().ifPresent(test -> begin(node, test, nanos));
      }
    }
  }

  /** A test that has failed is not begun again before something changes: people look first. */
  private boolean due(NodeState state, NodeAcceptance node, long nanos) {
    Standing standing = standings.get(node.node());
    boolean waits =
        standing != null && (standing.state() == State.NEW || standing.state() == State.UNACCEPTED);
    return waits
        && state.link(nanos) == Link.CONNECTED
        && !busy.test(node.node())
        && Optional.ofNullable(tried.get(node.node()))
            .filter(tries -> tries.changedMs() == node.changedMs())
            .filter(tries -> nanos - tries.nextNanos() < 0)
            .isEmpty();
  }

  private void begin(NodeAcceptance node, String test, long nanos) {
    Tries before = tried.get(node.node());
    int count = before != null && before.changedMs() == node.changedMs() ? before.count() : 0;
    long wait = Math.min(LONGEST_AGAIN.toNanos(), AGAIN.toNanos() << Math.min(count, MOST_DOUBLED));
    tried.put(node.node(), new Tries(node.changedMs(), count + 1, nanos + wait));
    tests.begin(node.node(), test, "acceptance of the node's equipment");
  }
}
