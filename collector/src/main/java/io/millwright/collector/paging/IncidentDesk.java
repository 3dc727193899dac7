package io.millwright.collector.paging;

import io.millwright.collector.audit.AuditDraft;
import io.millwright.collector.audit.AuditLog;
import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.incidents.Closing;
import io.millwright.collector.incidents.Incident;
import io.millwright.collector.incidents.Incidents;
import io.millwright.collector.incidents.NodeReport;
import io.millwright.collector.incidents.NodeWatch;
import io.millwright.collector.incidents.Notice;
import io.millwright.collector.incidents.Offences;
import io.millwright.collector.incidents.Parts;
import io.millwright.collector.incidents.Quiet;
import io.millwright.collector.operations.PlainText;
import io.millwright.collector.operations.Ruling;
import io.millwright.collector.racks.MapCheck;
import io.millwright.collector.racks.RackMap;
import io.millwright.collector.store.Op;
import io.millwright.collector.store.StateStore;
import io.millwright.collector.store.Txn;
import io.millwright.collector.store.Versioned;
import io.millwright.protocol.bodies.Shown;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.health.RuleCatalogue;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The incidents: looked for twice a second, written down before anybody is told.
 *
 * <p><i>Lifecycle:</i> {@link #open} once, with what the store has. <i>Threading:</i> {@link #look}
 * on the thread {@code control}; what is published may be read by any. <i>Failure:</i> where the
 * store takes nothing, people are told all the same, and what it did not take is written again.
 */
public final class IncidentDesk {
  /** Where they stand in the store. */
  static final String INCIDENTS = "/mw/incidents/all/";

  static final String OFFENCES = "/mw/incidents/offences/";
  static final String OUTBOX = "/mw/incidents/outbox/";

  /** As they were made: the keys of the store have another order, in which 10 is before 9. */
  private static final Comparator<Notice> TOLD =
      Comparator.comparing((Notice one) -> one.incident().id())
          .thenComparingInt(one -> one.incident().revision())
          .thenComparing(Notice::kind);

  private static final Logger LOG = LoggerFactory.getLogger(IncidentDesk.class);
  private static final Duration LOOK = Duration.ofMillis(500);
  private static final Duration AGAIN = Duration.ofSeconds(5);
  private static final Duration CHECK = Duration.ofSeconds(10);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int MOST_ASKED = 128;
  private static final int LONGEST_NAME = 100;

  private final StateStore store;
  private final Supplier<RackMap> racks;
  private final Outlet outlet;
  private final Quiet quiet;
  private final Clock clock;
  private final NodeWatch watch = new NodeWatch(RuleCatalogue.load());
  private final Incidents incidents;
  private final Map<String, Incident> current = new LinkedHashMap<>();
  private final Map<String, Op> unkept = new ConcurrentHashMap<>();
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicBoolean unsaved = new AtomicBoolean();
  private final AtomicBoolean failing = new AtomicBoolean();
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong suppressed = new AtomicLong();
  private volatile List<Incident> published = List.of();
  private volatile MapCheck.Found disagreements = MapCheck.Found.NOTHING;
  private final long startMs;
  private final long startNanos;
  private long lookedNanos;
  private long savedNanos;
  private long checkedNanos;

  private IncidentDesk(
      StateStore store,
      Supplier<RackMap> racks,
      Outlet outlet,
      Quiet quiet,
      Incidents incidents,
      long startMs,
      Clock clock) {
    this.store = store;
    this.racks = racks;
    this.outlet = outlet;
    this.quiet = quiet;
    this.incidents = incidents;
    this.clock = clock;
    this.startMs = startMs;
    this.startNanos = clock.nanos();
    this.lookedNanos = clock.nanos() - LOOK.toNanos();
    this.checkedNanos = clock.nanos();
    this.savedNanos = clock.nanos();
    incidents.all().forEach(one -> current.put(one.id(), one));
    published = incidents.all();
  }

  /**
   * Goes on with what is stored.
   *
   * @param webhook where people are told; empty where nobody is
   * @param quiet for which nodes nobody is called
   * @throws io.millwright.collector.store.StoreException where the store cannot be read
   */
  public static IncidentDesk open(
      StateStore store,
      Supplier<RackMap> racks,
      Optional<Webhook> webhook,
      Quiet quiet,
      Clock clock) {
    List<Incident> stored = read(store, INCIDENTS, Incident.class);
    List<Offences> offences = read(store, OFFENCES, Offences.class);
    long startMs = clock.wall().toEpochMilli();
    Incidents incidents = Incidents.restored(stored, offences, racks.get(), startMs);
    Outlet outlet = webhook.<Outlet>map(one -> one).orElse(Outlet.NOBODY);
    waiting(store, outlet::tell);
    IncidentDesk desk = new IncidentDesk(store, racks, outlet, quiet, incidents, startMs, clock);
    stored.forEach(desk::leaveOut);
    return desk;
  }

  /** One that became part of another, which the store was not told before the end. */
  private void leaveOut(Incident stored) {
    if (!current.containsKey(stored.id())) {
      unkept.put(INCIDENTS + stored.id(), new Op.Delete(INCIDENTS + stored.id()));
      unsaved.set(true);
    }
  }

  /** What was not told before the end. */
  static void waiting(StateStore store, Consumer<Notice> outlet) {
    read(store, OUTBOX, Notice.class).stream().sorted(TOLD).forEach(outlet);
  }

  private static <T> List<T> read(StateStore store, String prefix, Class<T> type) {
    List<T> found = new ArrayList<>();
    for (Versioned value : store.range(prefix).values()) {
      IncidentJson.read(value.key(), value.value(), type).ifPresent(found::add);
    }
    return found;
  }

  // ---- on the thread control

  /** Takes in how the fleet is now. */
  public void look(FleetState fleet) {
    long now = clock.nanos();
    if (now - lookedNanos < LOOK.toNanos()) {
      return;
    }
    lookedNanos = now;
    RackMap map = racks.get();
    List<NodeReport> reports = watch.changed(fleet, map, now);
    long nowMs = nowMs();
    Incidents.Turn turn = incidents.step(reports, map, quiet(nowMs), nowMs);
    take(turn);
    if (now - checkedNanos >= CHECK.toNanos()) {
      checkedNanos = now;
      check(map);
    }
  }

  /** Windows are by the wall clock; incidents are by time that nobody sets. */
  private Quiet quiet(long nowMs) {
    long ahead = clock.wall().toEpochMilli() - nowMs;
    return (node, rule) -> {
      OptionalLong until = quiet.until(node, rule);
      return until.isPresent() ? OptionalLong.of(until.getAsLong() - ahead) : until;
    };
  }

  // ---- what a person wants, on the thread control

  /**
   * Closes an incident whose cause will not report again; it and its entry are durable before that
   * is answered.
   *
   * @param anyway also where its nodes still tell what keeps it open
   * @throws io.millwright.collector.store.StoreException where it cannot be written down
   */
  public Ruling<Incident> close(String name, Closing by, boolean anyway, AuditLog audit) {
    PlainText.require("reason", by.reason());
    Optional<Incident> found = find(name);
    if (found.isEmpty()) {
      return new Ruling.Unknown<>(
          "No incident '%s' is kept; /v1/incidents lists those that are."
              .formatted(Shown.text(name)));
    }
    Incident one = found.get();
    List<String> tellers = incidents.tellers(one.id());
    if (!one.open()) {
      return new Ruling.Refused<>(
          "incident %s is closed already; what comes back is told again by itself"
              .formatted(one.id()));
    }
    if (!tellers.isEmpty() && !anyway) {
      return new Ruling.Refused<>(
          "incident %s still stands: %s tells its evidence now; mend the cause and it closes by itself, or say --anyway"
              .formatted(one.id(), nodes(tellers)));
    }
    List<String> unclear = incidents.unclear(one.id(), nowMs());
    if (!unclear.isEmpty() && !anyway) {
      return new Ruling.Refused<>(
          "incident %s may still stand: whether %s is heard is not known at this moment; ask again in a minute, or say --anyway"
              .formatted(one.id(), nodes(unclear)));
    }
    Incident closed = one.closed(by, nowMs());
    List<Op> ops = IncidentJson.put(INCIDENTS + one.id(), closed).stream().toList();
    audit.commit(
        ops,
        List.of(
            new AuditDraft(
                by.by(),
                "incident.close",
                one.id(),
                "open: " + one.summary(),
                after(tellers, unclear),
                by.reason())));
    take(incidents.close(one.id(), by, nowMs()));
    return new Ruling.Done<>(find(one.id()).orElse(closed));
  }

  private static String after(List<String> tellers, List<String> unclear) {
    if (!tellers.isEmpty()) {
      return "closed, though %s tells it".formatted(nodes(tellers));
    }
    return unclear.isEmpty()
        ? "closed"
        : "closed, though whether %s is heard was not known".formatted(nodes(unclear));
  }

  private static String nodes(List<String> names) {
    return names.size() == 1
        ? "node " + names.getFirst()
        : "node %s and %d more".formatted(names.getFirst(), names.size() - 1);
  }

  private long nowMs() {
    return startMs + (clock.nanos() - startNanos) / 1_000_000;
  }

  private void take(Incidents.Turn turn) {
    if (!turn.changed().isEmpty() || !turn.gone().isEmpty()) {
      turn.gone().forEach(current::remove);
      turn.changed().forEach(this::put);
      published = List.copyOf(current.values());
    }
    for (Notice notice : turn.notices()) {
      LOG.info(
          "incident {} id={} page={}: {}",
          notice.kind().word(),
          notice.incident().id(),
          notice.page(),
          notice.incident().summary());
      count(notice);
    }
    save(turn);
  }

  /** A summary is a page, and stands for one that is not sent. */
  private void count(Notice notice) {
    if (notice.page()) {
      sent.incrementAndGet();
    }
    boolean first = notice.kind() == Notice.Kind.OPENED || notice.kind() == Notice.Kind.SUMMARY;
    if (first && notice.incident().page() == Incident.Page.SUPPRESSED) {
      suppressed.incrementAndGet();
    }
  }

  private void put(Incident one) {
    current.put(one.id(), one);
  }

  private void check(RackMap map) {
    MapCheck.Found now = MapCheck.disagreements(map, watch.whereabouts());
    if (!now.equals(disagreements)) {
      disagreements = now;
      now.sentences().stream()
          .findFirst()
          .ifPresentOrElse(
              first -> LOG.warn("{}; /v1/racks has more of them count={}", first, now.count()),
              () -> LOG.info("the rack map agrees with the nodes"));
    }
  }

  // ---- the store

  /** Notices first: if it ends in the midst, somebody is told of an incident too much. */
  private void save(Incidents.Turn turn) {
    Map<String, Op> ops = new LinkedHashMap<>();
    if (outlet.wants()) {
      turn.notices().forEach(one -> add(ops, IncidentJson.put(outbox(one), one)));
    }
    Map<String, Op> states = states(turn);
    unkept.putAll(states);
    ops.putAll(states);
    if (ops.isEmpty()) {
      turn.notices().forEach(outlet::tell);
    } else if (asked.get() > MOST_ASKED) {
      kept(Optional.of("it does not answer"));
      turn.notices().forEach(outlet::tell);
    } else {
      submit(new ArrayList<>(ops.values()), turn.notices());
    }
  }

  /** What was not kept, then what is new; of a key the newest alone. */
  private Map<String, Op> states(Incidents.Turn turn) {
    Map<String, Op> ops = new LinkedHashMap<>();
    boolean again = clock.nanos() - savedNanos >= AGAIN.toNanos();
    if (again && unsaved.compareAndSet(true, false)) {
      savedNanos = clock.nanos();
      ops.putAll(unkept);
    }
    turn.gone().forEach(id -> ops.put(INCIDENTS + id, new Op.Delete(INCIDENTS + id)));
    turn.changed().forEach(one -> add(ops, IncidentJson.put(INCIDENTS + one.id(), one)));
    turn.offences().forEach(one -> add(ops, IncidentJson.put(OFFENCES + key(one.identity()), one)));
    return ops;
  }

  private static void add(Map<String, Op> ops, Optional<Op> op) {
    op.ifPresent(one -> ops.put(one.key(), one));
  }

  static String outbox(Notice notice) {
    return OUTBOX + notice.key() + "/" + notice.kind().word();
  }

  /** A serial number as a key; of what is long or not plain a hash. */
  static String key(String identity) {
    return identity.matches("[A-Za-z0-9.-]{1,%d}".formatted(LONGEST_NAME))
        ? identity
        : "%" + hash(identity);
  }

  private static String hash(String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /**
   * Whoever is told of an incident finds it after a crash; where it cannot be kept, all the same.
   */
  private void submit(List<Op> ops, List<Notice> notices) {
    List<CompletableFuture<?>> answers = new ArrayList<>();
    for (int i = 0; i < ops.size(); i += Txn.MOST_OPS) {
      List<Op> some = List.copyOf(ops.subList(i, Math.min(ops.size(), i + Txn.MOST_OPS)));
      asked.incrementAndGet();
      answers.add(
          store
              .submit(new Txn(List.of(), some))
              .whenComplete((answer, failure) -> answered(some, failure == null)));
    }
    CompletableFuture<Void> _ =
        CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
            .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
            .whenComplete((done, failure) -> {
              kept(Optional.ofNullable(failure).map(IncidentDesk::reason));
              notices.forEach(outlet::tell);
            });
  }

  /** On the thread of the store. */
  private void answered(List<Op> ops, boolean taken) {
    asked.decrementAndGet();
    if (taken) {
      ops.forEach(op -> unkept.remove(op.key(), op));
    }
  }

  private static String reason(Throwable failure) {
    return failure instanceof TimeoutException
        ? "the store has not answered for %d s".formatted(PATIENCE.toSeconds())
        : String.valueOf(failure.getMessage());
  }

  /** On the thread of the store, and on that of whoever waits for it too long. */
  private void kept(Optional<String> failure) {
    if (failure.isPresent()) {
      unsaved.set(true);
      if (failing.compareAndSet(false, true)) {
        LOG.error("incidents cannot be kept: {}", failure.get());
      }
    } else if (failing.compareAndSet(true, false)) {
      LOG.info("incidents are kept again");
    }
  }

  /** Which parts are in which node, as of the last look; on the thread {@code control}. */
  public Parts parts() {
    return watch.parts();
  }

  /** How many incidents began at this part within thirty days; on the thread {@code control}. */
  public int repeats(String identity) {
    return incidents.repeats(identity, nowMs());
  }

  // ---- for everybody

  /** All that are kept; the oldest first. */
  public List<Incident> incidents() {
    return published;
  }

  /** The one that has this id, or had it before it turned out to be another. */
  public Optional<Incident> find(String id) {
    return published.stream().filter(one -> one.isCalled(id)).findFirst();
  }

  /** Where the rack map and the nodes differ, a sentence each. */
  public List<String> disagreements() {
    return disagreements.sentences();
  }

  /** In how many places they differ; not all have a sentence. */
  public int disagreementCount() {
    return disagreements.count();
  }

  /** Pages since this collector's start. */
  public long pagesSent() {
    return sent.get();
  }

  /** Pages that were not sent because there were so many. */
  public long pagesSuppressed() {
    return suppressed.get();
  }
}
