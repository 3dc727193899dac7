package io.millwright.collector.operations;

import io.millwright.collector.audit.AuditDraft;
import io.millwright.collector.audit.AuditLog;
import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.jobs.JobBook;
import io.millwright.collector.jobs.Run;
import io.millwright.collector.racks.Place;
import io.millwright.collector.store.StateStore;
import io.millwright.protocol.bodies.JsonMistake;
import io.millwright.protocol.bodies.Shown;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where people's will and the site's policy about nodes meet: kept, written down, carried out.
 *
 * <p>What a person asked for is durable before it is answered. What policy does is durable before
 * it has any effect. Windows and overrides end by the clock alone, also while no collector runs.
 *
 * <p><i>Lifecycle:</i> {@link #open} reads the store; there is nothing to close. <i>Threading:</i>
 * the thread {@code control} owns it; {@link #board}, {@link #suppressed}, {@link #overridden} and
 * {@link #counted} from any. <i>Failure:</i> {@code StoreException} and {@code AuditException},
 * after which all stands as it did before.
 */
public final class OperationsDesk implements Operating {
  private static final Logger LOG = LoggerFactory.getLogger(OperationsDesk.class);
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final Duration FILE = Duration.ofSeconds(5);
  private static final long LONGEST_MS = 30L * 24 * 3_600_000;
  private static final long KEPT_MS = 30L * 24 * 3_600_000;
  private static final long JUMP_MS = 10_000;
  private static final Duration PAUSE = Duration.ofHours(1);
  private static final int MOST_OPEN = 1_000;

  /** What is forgotten at a turn; a transaction takes little more. */
  private static final int MOST_FORGOTTEN = 100;

  /** Runs that could not be stopped, of which it was said. */
  private static final int MOST_UNSTOPPED = 1_000;

  private static final int MOST_NEWS = 200;
  private static final String POLICY = "policy";

  /** Changes of acts in one transaction, beside an order, an entry and the head of the log. */
  private static final int MOST_CHANGED = 100;

  /** Changes of acts in one transaction, each with its entry. */
  private static final int MOST_ACTS = AuditLog.MOST_ENTRIES;

  private final OperationsStore store;
  private final JobBook book;
  private final PolicyFile policy;
  private final Function<String, Place> places;
  private final EvidenceSource evidence;
  private final Clock clock;
  private final List<News> news = new ArrayList<>();
  private final Map<Counted, Long> counts = new ConcurrentHashMap<>();
  private final Set<RunId> unstopped = new HashSet<>();
  private volatile Operations operations;

  /** Without what is over, as of the last turn or change: for those who ask often. */
  private volatile Operations lively = Operations.NONE;

  private volatile Board board = Board.EMPTY;
  private Set<String> nodes = Set.of();
  private Set<String> openWindows;
  private boolean looked;
  private long lookedNanos;
  private long fileNanos;
  private long aheadMs;
  private volatile Optional<Long> pausedUntilNanos = Optional.empty();

  /**
   * How often something came of acts.
   *
   * @param result {@code done}, {@code dry-run}, {@code lapsed}, {@code lifted}, {@code refused},
   *     {@code overruled} or {@code taken-over}
   */
  public record Counted(String rule, Action action, String result) {}

  private OperationsDesk(
      Operations operations,
      OperationsStore store,
      JobBook book,
      PolicyFile policy,
      Function<String, Place> places,
      EvidenceSource evidence,
      Clock clock) {
    this.operations = operations;
    this.store = store;
    this.book = book;
    this.policy = policy;
    this.places = places;
    this.evidence = evidence;
    this.clock = clock;
    this.openWindows = openWindows(wallMs());
  }

  /** What is left of a pause that began before this start; never more than a whole one. */
  private void paused(long untilMs) {
    long leftMs = Math.min(untilMs - wallMs(), PAUSE.toMillis());
    if (leftMs > 0) {
      pausedUntilNanos = Optional.of(clock.nanos() + Duration.ofMillis(leftMs).toNanos());
    }
  }

  /**
   * Reads what stood when the last collector ended.
   *
   * @param places where nodes stand, as far as the site has said it
   */
  public static OperationsDesk open(
      StateStore stored,
      AuditLog audit,
      JobBook book,
      PolicyFile policy,
      Function<String, Place> places,
      EvidenceSource evidence,
      Clock clock) {
    OperationsDesk desk =
        new OperationsDesk(
            OperationsStore.read(stored),
            new OperationsStore(audit),
            book,
            policy,
            places,
            evidence,
            clock);
    OperationsStore.pausedUntilMs(stored).ifPresent(desk::paused);
    desk.publish();
    return desk;
  }

  private long wallMs() {
    return clock.wall().toEpochMilli();
  }

  // ---- what others may know

  @Override
  public Place place(String node) {
    return places.apply(node);
  }

  @Override
  public Board board() {
    return board;
  }

  /** Whether nobody is to be called for this node at this wall time. */
  public boolean suppressed(String node, long nowMs) {
    return lively.suppressed(node, places.apply(node), nowMs);
  }

  /** Whether somebody has this rule treated as ok on this node at this wall time. */
  public boolean overridden(String node, String rule, long nowMs) {
    return lively.overridden(node, rule, nowMs).isPresent();
  }

  /** What came of acts since the start. */
  public Map<Counted, Long> counted() {
    return Map.copyOf(counts);
  }

  /** The policy's file. */
  public PolicyFile policy() {
    return policy;
  }

  /** Why nothing is done automatically now; empty where nothing keeps it. */
  public Optional<String> paused() {
    return pausedUntilNanos
        .filter(until -> clock.nanos() - until < 0)
        .map(until ->
            "the collector's clock jumped against its monotonic one; nothing automatic is begun, and no run is stopped at a deadline, for an hour");
  }

  /**
   * On which nodes something that has them for a time may be begun by policy now: those that are in
   * service and in no window, as many as the limits of what is out at once leave room for.
   *
   * @param wanted the first goes first
   * @param underWay nodes that are had already
   * @param fleet how many nodes there are
   */
  public List<String> room(List<String> wanted, Set<String> underWay, int fleet) {
    if (wanted.isEmpty() || paused().isPresent()) {
      return List.of();
    }
    Tally tally = new Tally(policy.policy().limits(), places, fleet);
    underWay.forEach(tally::withdrawn);
    List<String> some = new ArrayList<>();
    for (String node : wanted) {
      NodeMark mark = board.mark(node);
      boolean free = mark.state() == NodeMark.State.IN_SERVICE && mark.window().isEmpty();
      if (free && tally.objection(node, false).isEmpty()) {
        some.add(node);
        tally.withdrawn(node);
      }
    }
    return some;
  }

  @Override
  public List<News> news() {
    List<News> told = List.copyOf(news);
    news.clear();
    return told;
  }

  /** Has something told to everybody that others saw; on the thread {@code control}. */
  public void tell(News one) {
    if (news.size() < MOST_NEWS) {
      news.add(one);
    }
  }

  private void tell(String kind, String subject, String message) {
    tell(new News(kind, subject, message));
  }

  // ---- what people ask for

  /** No new work on a node; what runs goes on. */
  public Ruling<NodeMark> cordon(FleetState fleet, String node, String by, String reason) {
    return ordered(
        fleet, new Order(node, Order.Kind.CORDON, by, reason, wallMs(), OptionalLong.empty()));
  }

  /**
   * No new work on a node, and what runs comes to its end.
   *
   * @param withinMs after which runs that are left are stopped
   */
  public Ruling<NodeMark> drain(
      FleetState fleet, String node, String by, String reason, OptionalLong withinMs) {
    if (withinMs.isPresent() && (withinMs.getAsLong() < 0 || withinMs.getAsLong() > LONGEST_MS)) {
      throw JsonMistake.refused(
          "within_ms", Long.toString(withinMs.getAsLong()), "from 0 to %d".formatted(LONGEST_MS));
    }
    long now = wallMs();
    OptionalLong deadline =
        withinMs.isPresent() ? OptionalLong.of(now + withinMs.getAsLong()) : OptionalLong.empty();
    return ordered(fleet, new Order(node, Order.Kind.DRAIN, by, reason, now, deadline));
  }

  private Ruling<NodeMark> ordered(FleetState fleet, Order order) {
    PlainText.require("reason", order.reason());
    if (!known(fleet, order.node())) {
      return unknown(order.node());
    }
    SortedMap<Long, Act> acts = new TreeMap<>(operations.acts());
    for (Act act : operations.acts().values()) {
      if (act.node().equals(order.node()) && act.stands() && act.action().ofNode()) {
        acts.put(act.id(), act.at(Stage.TAKEN_OVER, "%s has the node".formatted(order.by())));
      }
    }
    String what = "node." + order.kind().word();
    changed(
        operations.with(order).withActs(fewer(acts)),
        order.node(),
        order.by(),
        what,
        order.words(),
        order.reason());
    rest(acts);
    tell(
        "node-" + (order.kind() == Order.Kind.DRAIN ? "draining" : "cordoned"),
        order.node(),
        "A person withdrew it; the audit log says who and why.");
    return new Ruling.Done<>(board.mark(order.node()));
  }

  /** A node back to work: a person's will is taken back, and policy's is overruled. */
  public Ruling<NodeMark> uncordon(FleetState fleet, String node, String by, String reason) {
    PlainText.require("reason", reason);
    if (!known(fleet, node)) {
      return unknown(node);
    }
    SortedMap<Long, Act> acts = new TreeMap<>(operations.acts());
    for (Act act : operations.acts().values()) {
      boolean overruled = act.stands() || act.stage() == Stage.TAKEN_OVER || act.stage().ahead();
      if (act.node().equals(node) && !act.dry() && overruled) {
        acts.put(act.id(), act.at(Stage.OVERRULED, "%s put the node back to work".formatted(by)));
      }
    }
    restButTheLast(acts);
    Operations after = operations.withoutOrder(node).withActs(acts);
    Optional<Window> window = board.mark(node).window();
    if (after.equals(operations) && window.isPresent()) {
      return new Ruling.Refused<>(
          "node %s is in %s; it goes back to work when that ends, by itself or with 'millwright maintenance end %s'"
              .formatted(node, window.get().words(), window.get().id()));
    }
    if (!after.equals(operations)) {
      changed(after, node, by, "node.uncordon", "back to work by " + by, reason);
      tell(
          "node-uncordoned", node, "A person put it back to work; the audit log says who and why.");
    }
    return new Ruling.Done<>(board.mark(node));
  }

  /**
   * A node is off and stays off, on a person's word: what ran there ends as {@code node-lost}, its
   * devices are free in the book, and jobs that ask for that are begun again elsewhere. Should the
   * node come back, it is told to stop what it still has, and gets no work before it has.
   */
  public Ruling<NodeMark> lost(FleetState fleet, String node, String by, String reason) {
    PlainText.require("reason", reason);
    if (!known(fleet, node)) {
      return unknown(node);
    }
    if (fleet.node(node).filter(state -> state.session() != 0).isPresent()) {
      return new Ruling.Refused<>(
          "node %s is connected, so it is not lost; 'millwright drain %s' ends its work"
              .formatted(node, node));
    }
    int runs = book.runs(node).size();
    changed(operations, node, by, "node.lost", "%d runs end as node-lost".formatted(runs), reason);
    List<Run> ended = book.declareEnded(node, Outcome.Kind.NODE_LOST);
    LOG.warn("a person declared a node lost node={} runs={}", node, ended.size());
    tell("node-declared-lost", node, "A person declared it lost; the audit log says who and why.");
    return new Ruling.Done<>(board.mark(node));
  }

  /** What stands, with so many of these changes as one transaction takes. */
  private SortedMap<Long, Act> fewer(SortedMap<Long, Act> wanted) {
    SortedMap<Long, Act> next = new TreeMap<>(operations.acts());
    int left = MOST_CHANGED;
    for (Act act : wanted.values()) {
      if (left > 0 && !act.equals(next.put(act.id(), act))) {
        left--;
      }
    }
    return next;
  }

  /** The changes that one transaction did not take: the person's order stands already. */
  private void rest(SortedMap<Long, Act> wanted) {
    for (SortedMap<Long, Act> next = fewer(wanted);
        !next.equals(operations.acts());
        next = fewer(wanted)) {
      commit(operations.withActs(next), List.of());
    }
  }

  /** So that the node is back to work with the last of them, and not before. */
  private void restButTheLast(SortedMap<Long, Act> wanted) {
    for (SortedMap<Long, Act> next = fewer(wanted); !next.equals(wanted); next = fewer(wanted)) {
      commit(operations.withActs(next), List.of());
    }
  }

  /** Makes a change about a node durable, with what was and what is. */
  private void changed(
      Operations after, String node, String by, String what, String words, String reason) {
    String before =
        Optional.ofNullable(operations.orders().get(node))
            .map(Order::words)
            .orElse(board.mark(node).words());
    commit(after, List.of(new AuditDraft(by, what, node, before, words, reason)));
  }

  private void commit(Operations after, List<AuditDraft> drafts) {
    Operations before = operations;
    store.commit(before, after, drafts);
    operations = after;
    count(before.acts(), after.acts());
    publish();
  }

  private boolean known(FleetState fleet, String node) {
    return fleet.node(node).isPresent() || book.nodes().contains(node);
  }

  private static <T> Ruling<T> unknown(String node) {
    return new Ruling.Unknown<>(
        "No node '%s' has reported; /v1/nodes lists those that have.".formatted(Shown.text(node)));
  }

  // ---- windows

  /**
   * Enters a window of maintenance.
   *
   * @param start empty for now
   */
  public Ruling<Window> open(
      FleetState fleet,
      Area area,
      String owner,
      String reason,
      OptionalLong start,
      long endMs,
      OptionalLong drainAheadMs,
      String by) {
    PlainText.require("owner", owner);
    PlainText.require("reason", reason);
    long now = wallMs();
    long startMs = start.orElse(now);
    requireSpan("start_ms", startMs, now - Duration.ofMinutes(5).toMillis(), now + LONGEST_MS);
    requireSpan("end_ms", endMs, Math.max(startMs, now) + 1, startMs + LONGEST_MS);
    drainAheadMs.ifPresent(ahead -> requireSpan("drain_ahead_ms", ahead, 0, LONGEST_MS));
    if (fleet.nodes().keySet().stream().noneMatch(node -> area.covers(node, places.apply(node)))) {
      return new Ruling.Unknown<>(
          "No node that has reported is in %s; /v1/nodes lists those that have, and the site's rack map says where they stand."
              .formatted(area.words()));
    }
    if (operations.windows().values().stream()
            .filter(w -> w.phase(now) != Window.Phase.ENDED)
            .count()
        >= MOST_OPEN) {
      return new Ruling.Refused<>(
          "%d windows are planned or open, as many as are kept; end one first"
              .formatted(MOST_OPEN));
    }
    Window window =
        new Window(
            "m" + store.next(),
            area,
            owner,
            reason,
            startMs,
            endMs,
            drainAheadMs,
            by,
            OptionalLong.empty());
    commit(
        operations.with(window),
        List.of(new AuditDraft(by, "maintenance.add", window.id(), "", span(window), reason)));
    return new Ruling.Done<>(window);
  }

  private static String span(Window window) {
    return "%s from %s to %s%s"
        .formatted(
            window.words(),
            Times.words(window.startMs()),
            Times.words(window.endMs()),
            window.drainAheadMs().isPresent()
                ? ", drained %s ahead".formatted(Times.span(window.drainAheadMs().getAsLong()))
                : "");
  }

  private static void requireSpan(String field, long given, long least, long most) {
    if (given < least || given > most) {
      throw JsonMistake.refused(
          field, Long.toString(given), "from %d to %d".formatted(least, most));
    }
  }

  /** Ends a window before its time; one that has ended stays as it is. */
  public Ruling<Window> endWindow(String id, String by, String reason) {
    PlainText.require("reason", reason);
    Window window = operations.windows().get(id);
    if (window == null) {
      return new Ruling.Unknown<>(
          "No window '%s' is known; /v1/maintenance lists them.".formatted(Shown.text(id)));
    }
    long now = wallMs();
    if (window.phase(now) == Window.Phase.ENDED) {
      return new Ruling.Done<>(window);
    }
    Window ended = window.ended(now);
    commit(
        operations.with(ended),
        List.of(
            new AuditDraft(
                by, "maintenance.end", id, span(window), "ended " + Times.words(now), reason)));
    return new Ruling.Done<>(ended);
  }

  // ---- overrides

  /** Has a rule, or all, treated as ok on a node for a time. */
  public Ruling<ManualOverride> override(
      FleetState fleet,
      String node,
      Optional<String> rule,
      long untilMs,
      String reason,
      String by) {
    PlainText.require("reason", reason);
    rule.ifPresent(id -> {
      if (!id.matches("[a-z0-9][a-z0-9-]{0,63}")) {
        throw JsonMistake.refused("rule", Shown.quoted(id), "the id of a rule, as in xid-reboot");
      }
    });
    long now = wallMs();
    requireSpan("until_ms", untilMs, now + 1, now + LONGEST_MS);
    if (!known(fleet, node)) {
      return unknown(node);
    }
    if (operations.overrides().values().stream().filter(one -> one.holds(now)).count()
        >= MOST_OPEN) {
      return new Ruling.Refused<>(
          "%d overrides hold, as many as are kept; end one first".formatted(MOST_OPEN));
    }
    ManualOverride override =
        new ManualOverride(
            "o" + store.next(), node, rule, now, untilMs, reason, by, OptionalLong.empty());
    commit(
        operations.with(override),
        List.of(new AuditDraft(by, "override.add", override.id(), "", words(override), reason)));
    return new Ruling.Done<>(override);
  }

  private static String words(ManualOverride override) {
    return "%s on %s is treated as ok until %s"
        .formatted(
            override.rule().orElse("every rule"), override.node(), Times.words(override.untilMs()));
  }

  /** Ends an override before its time; one that has ended stays as it is. */
  public Ruling<ManualOverride> endOverride(String id, String by, String reason) {
    PlainText.require("reason", reason);
    ManualOverride override = operations.overrides().get(id);
    if (override == null) {
      return new Ruling.Unknown<>(
          "No override '%s' is known; /v1/overrides lists them.".formatted(Shown.text(id)));
    }
    long now = wallMs();
    if (!override.holds(now)) {
      return new Ruling.Done<>(override);
    }
    ManualOverride ended = override.ended(now);
    commit(
        operations.with(ended),
        List.of(
            new AuditDraft(
                by, "override.end", id, words(override), "ended " + Times.words(now), reason)));
    return new Ruling.Done<>(ended);
  }

  // ---- the turn

  @Override
  public void turn(FleetState fleet) {
    long nanos = clock.nanos();
    if (nodes.size() != fleet.nodes().size()) { // none leaves; a new one may be in a window
      nodes = Set.copyOf(fleet.nodes().keySet());
      publish();
    }
    if (looked && nanos - lookedNanos < LOOK.toNanos()) {
      return;
    }
    long now = wallMs();
    watchClock(nanos, now);
    if (!looked || nanos - fileNanos >= FILE.toNanos()) {
      fileNanos = nanos;
      policy.look();
    }
    looked = true;
    lookedNanos = nanos;
    List<Sighting> sightings = Sightings.of(fleet, nanos);
    PolicyReducer.Input input =
        new PolicyReducer.Input(policy.policy(), sightings, places, evidence, paused(), now);
    act(PolicyReducer.step(operations, input));
    wantEvidence(sightings);
    tellWindows(now);
    publish();
    if (paused().isEmpty()) { // a deadline means nothing by a clock that has jumped
      Boards.overdue(board).forEach(this::stop);
    }
    forget(now);
  }

  /** Limits of an hour, and deadlines, mean nothing by a clock that has jumped. */
  private void watchClock(long nanos, long now) {
    long ahead = now - nanos / 1_000_000;
    if (looked && Math.abs(ahead - aheadMs) > JUMP_MS) {
      LOG.warn(
          "the wall clock has jumped ms={}; nothing automatic is begun, and no run is stopped at a deadline, for an hour",
          ahead - aheadMs);
      pausedUntilNanos = Optional.of(nanos + PAUSE.toNanos());
      store.paused(now + PAUSE.toMillis());
    }
    aheadMs = ahead;
  }

  /** Durable some at a time: what a transaction does not take is not in force yet. */
  private void act(SortedMap<Long, Act> next) {
    List<Act> changed = new ArrayList<>();
    for (Act act : next.values()) {
      Act then = operations.acts().get(act.id());
      if (act.durable() && !(then != null && then.sameInStore(act))) {
        changed.add(act);
      }
    }
    for (int from = 0; from < changed.size(); from += MOST_ACTS) {
      List<Act> some = changed.subList(from, Math.min(from + MOST_ACTS, changed.size()));
      SortedMap<Long, Act> acts = new TreeMap<>(operations.acts());
      some.forEach(act -> acts.put(act.id(), act));
      commit(operations.withActs(acts), some.stream().flatMap(act -> draft(act).stream()).toList());
      some.forEach(this::tell);
    }
    forget(next);
    SortedMap<Long, Act> before = operations.acts();
    operations = operations.withActs(next);
    count(before, next);
  }

  /** What the reducer keeps no longer goes from the store, some at a time. */
  private void forget(SortedMap<Long, Act> next) {
    List<Long> gone =
        operations.acts().values().stream()
            .filter(act -> act.durable() && !next.containsKey(act.id()))
            .map(Act::id)
            .toList();
    for (int from = 0; from < gone.size(); from += MOST_ACTS) {
      TreeMap<Long, Act> kept = new TreeMap<>(operations.acts());
      gone.subList(from, Math.min(from + MOST_ACTS, gone.size())).forEach(kept::remove);
      Operations after = operations.withActs(kept);
      store.commit(operations, after, List.of());
      operations = after;
    }
  }

  private Optional<AuditDraft> draft(Act act) {
    if (act.dry() || (act.stage() != Stage.DONE && act.stage() != Stage.LIFTED)) {
      return Optional.empty();
    }
    boolean done = act.stage() == Stage.DONE;
    return Optional.of(
        new AuditDraft(
            POLICY,
            "policy." + (done ? act.action().word() : "lift"),
            act.node(),
            board.mark(act.node()).words(),
            "act %d, %s: %s".formatted(act.id(), act.words(), act.why()),
            act.evidence().isEmpty()
                ? act.observed()
                : "%s (evidence: %s)".formatted(act.observed(), act.evidence())));
  }

  private void tell(Act act) {
    if (act.stage() == Stage.DONE) {
      String kind =
          act.dry() ? "policy-dry-run" : act.action().asks() ? act.action().word() : "policy-act";
      tell(
          kind,
          act.node(),
          "Act %d, %s: %s. Seen: %s.%s"
              .formatted(
                  act.id(),
                  act.words(),
                  act.why(),
                  act.observed(),
                  act.evidence().isEmpty() ? "" : " Evidence: " + act.evidence() + "."));
      LOG.info(
          "policy node={} rule={} action={} dry={}",
          act.node(),
          act.rule(),
          act.action().word(),
          act.dry());
    } else if (act.stage() == Stage.LIFTED) {
      tell(
          "policy-lifted",
          act.node(),
          "Act %d, %s: %s.".formatted(act.id(), act.words(), act.why()));
    }
  }

  private void count(SortedMap<Long, Act> before, SortedMap<Long, Act> after) {
    after.forEach((id, act) -> {
      Act then = before.get(id);
      if (then == null || then.stage() != act.stage()) {
        result(act)
            .ifPresent(
                word -> counts.merge(new Counted(act.rule(), act.action(), word), 1L, Long::sum));
      }
    });
  }

  private static Optional<String> result(Act act) {
    return switch (act.stage()) {
      case SETTLING, WAITING, CLOSED -> Optional.empty();
      case DONE -> Optional.of(act.dry() ? "dry-run" : "done");
      case REFUSED, OVERRULED, TAKEN_OVER, LAPSED, LIFTED -> Optional.of(act.stage().word());
    };
  }

  /** Where a node can answer, and evidence is what an act waits for or is done without. */
  private void wantEvidence(List<Sighting> sightings) {
    Set<String> heard = new HashSet<>();
    for (Sighting node : sightings) {
      if (node.heard()) {
        heard.add(node.node());
      }
    }
    for (Act act : operations.acts().values()) {
      if (wantsEvidence(act) && heard.contains(act.node())) {
        evidence.want(act.node(), act.words(), act.seenMs());
      }
    }
  }

  private static boolean wantsEvidence(Act act) {
    if (act.dry() || !act.action().wantsEvidence()) {
      return false;
    }
    return act.stage() == Stage.WAITING
        ? act.dueMs().isPresent()
        : act.stage() == Stage.DONE && act.deadlineMs().isPresent();
  }

  private void publish() {
    lively = operations.lively(wallMs());
    board =
        Boards.of(
            operations,
            new Boards.Input(
                nodes,
                places,
                node -> !book.users(node).isEmpty(),
                policy.policy().horizonMs(),
                wallMs()));
  }

  /** By the ordinary order, as if its owner had cancelled it; one that fails keeps no other. */
  private void stop(Boards.Overdue overdue) {
    for (Run run : book.runs(overdue.node())) {
      if (run.stop().isEmpty()) {
        try {
          stop(run, overdue);
          unstopped.remove(run.id());
        } catch (RuntimeException e) {
          complain(run, overdue, e);
        }
      }
    }
  }

  private void stop(Run run, Boards.Overdue overdue) {
    book.stop(run.id(), Outcome.Kind.STOPPED_BY_REQUEST, overdue.by() + ", drain");
    tell(
        "run-stopped",
        overdue.node(),
        "%s is stopped: the drain of the node has come to its deadline."
            .formatted(run.id().text()));
    store.commit(
        operations,
        operations,
        List.of(
            new AuditDraft(
                overdue.by(),
                "run.stop",
                run.id().text(),
                run.state().word(),
                "to be stopped: the drain of %s has come to its deadline".formatted(overdue.node()),
                overdue.why())));
  }

  /** Once a run: it is tried again at each turn. */
  private void complain(Run run, Boards.Overdue overdue, RuntimeException failure) {
    if (unstopped.size() >= MOST_UNSTOPPED) {
      unstopped.clear();
    }
    if (unstopped.add(run.id())) {
      LOG.warn(
          "a run could not be stopped at its drain's deadline run={} node={}",
          run.id().text(),
          overdue.node(),
          failure);
    }
  }

  private Set<String> openWindows(long now) {
    Set<String> open = new HashSet<>();
    for (Window window : operations.windows().values()) {
      if (window.phase(now) == Window.Phase.OPEN) {
        open.add(window.id());
      }
    }
    return open;
  }

  private void tellWindows(long now) {
    Set<String> open = openWindows(now);
    for (String id : open) {
      if (!openWindows.contains(id)) {
        window(id)
            .ifPresent(w ->
                tell(
                    "maintenance-began",
                    w.area().name(),
                    "Maintenance %s of %s has begun.".formatted(id, w.area().words())));
      }
    }
    for (String id : openWindows) {
      if (!open.contains(id)) {
        window(id)
            .ifPresent(w ->
                tell(
                    "maintenance-ended",
                    w.area().name(),
                    "Maintenance %s of %s has ended.".formatted(id, w.area().words())));
      }
    }
    openWindows = open;
  }

  private Optional<Window> window(String id) {
    return Optional.ofNullable(operations.windows().get(id));
  }

  /** What ended long ago, some at a time; the audit log keeps it. */
  private void forget(long now) {
    Map<String, Window> windows = new HashMap<>(operations.windows());
    Map<String, ManualOverride> overrides = new HashMap<>(operations.overrides());
    int left = MOST_FORGOTTEN;
    for (Window window : operations.windows().values()) {
      if (left > 0 && now - window.endedMs().orElse(window.endMs()) > KEPT_MS) {
        windows.remove(window.id());
        left--;
      }
    }
    for (ManualOverride one : operations.overrides().values()) {
      if (left > 0 && now - one.endedMs().orElse(one.untilMs()) > KEPT_MS) {
        overrides.remove(one.id());
        left--;
      }
    }
    if (left < MOST_FORGOTTEN) {
      commit(new Operations(operations.orders(), windows, overrides, operations.acts()), List.of());
    }
  }
}
