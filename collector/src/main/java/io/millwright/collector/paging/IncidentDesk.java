package io.millwright.collector.paging;

import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.incidents.Incident;
import io.millwright.collector.incidents.Incidents;
import io.millwright.collector.incidents.NodeReport;
import io.millwright.collector.incidents.NodeWatch;
import io.millwright.collector.incidents.Notice;
import io.millwright.collector.incidents.Offences;
import io.millwright.collector.incidents.Quiet;
import io.millwright.collector.racks.MapCheck;
import io.millwright.collector.racks.RackMap;
import io.millwright.collector.store.Op;
import io.millwright.collector.store.StateStore;
import io.millwright.collector.store.Txn;
import io.millwright.collector.store.TxnResult;
import io.millwright.collector.store.Versioned;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.health.RuleCatalogue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The incidents: looked for twice a second, written down before anybody is told.
 *
 * <p><i>Lifecycle:</i> {@link #open} once, with what the store has. <i>Threading:</i> {@link #look}
 * on the thread {@code control}; what is published may be read by any. <i>Failure:</i> where the
 * store takes nothing, people are told all the same, and all of it is written again.
 */
public final class IncidentDesk {
  /** Where they stand in the store. */
  static final String INCIDENTS = "/mw/incidents/all/";

  static final String OFFENCES = "/mw/incidents/offences/";
  static final String OUTBOX = "/mw/incidents/outbox/";

  private static final Logger LOG = LoggerFactory.getLogger(IncidentDesk.class);
  private static final Duration LOOK = Duration.ofMillis(500);
  private static final Duration AGAIN = Duration.ofSeconds(5);
  private static final Duration CHECK = Duration.ofSeconds(10);

  private final StateStore store;
  private final Supplier<RackMap> racks;
  private final Outlet outlet;
  private final Quiet quiet;
  private final Clock clock;
  private final NodeWatch watch = new NodeWatch(RuleCatalogue.load());
  private final Incidents incidents;
  private final Map<String, Incident> current = new LinkedHashMap<>();
  private final AtomicBoolean unsaved = new AtomicBoolean();
  private final AtomicBoolean failing = new AtomicBoolean();
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong suppressed = new AtomicLong();
  private volatile List<Incident> published = List.of();
  private volatile List<String> disagreements = List.of();
  private long lookedNanos;
  private long savedNanos;
  private long checkedNanos;

  private IncidentDesk(
      StateStore store,
      Supplier<RackMap> racks,
      Outlet outlet,
      Quiet quiet,
      Incidents incidents,
      Clock clock) {
    this.store = store;
    this.racks = racks;
    this.outlet = outlet;
    this.quiet = quiet;
    this.incidents = incidents;
    this.clock = clock;
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
    Incidents incidents =
        Incidents.restored(stored, offences, racks.get(), clock.wall().toEpochMilli());
    Outlet outlet = webhook.<Outlet>map(one -> one).orElse(Outlet.NOBODY);
    read(store, OUTBOX, Notice.class).forEach(outlet::tell);
    return new IncidentDesk(store, racks, outlet, quiet, incidents, clock);
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
    Incidents.Turn turn = incidents.step(reports, map, quiet, clock.wall().toEpochMilli());
    take(turn);
    if (now - checkedNanos >= CHECK.toNanos()) {
      checkedNanos = now;
      check(map);
    }
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
    List<String> now = MapCheck.disagreements(map, watch.whereabouts());
    if (!now.equals(disagreements)) {
      now.forEach(sentence -> LOG.warn("{}", sentence));
      disagreements = List.copyOf(now);
    }
  }

  // ---- the store

  private void save(Incidents.Turn turn) {
    Map<String, Op> ops = new LinkedHashMap<>();
    boolean again = clock.nanos() - savedNanos >= AGAIN.toNanos();
    if (again && unsaved.compareAndSet(true, false)) {
      savedNanos = clock.nanos();
      current.values().forEach(one -> add(ops, incident(one)));
    }
    turn.gone().forEach(id -> add(ops, new Op.Delete(INCIDENTS + id)));
    turn.changed().forEach(one -> add(ops, incident(one)));
    turn.offences()
        .forEach(
            one -> add(ops, new Op.Put(OFFENCES + key(one.identity()), IncidentJson.text(one))));
    if (outlet.wants()) {
      turn.notices().forEach(one -> add(ops, new Op.Put(outbox(one), IncidentJson.text(one))));
    }
    if (ops.isEmpty()) {
      turn.notices().forEach(outlet::tell);
    } else {
      submit(new ArrayList<>(ops.values()), turn.notices());
    }
  }

  private static void add(Map<String, Op> ops, Op op) {
    ops.put(op.key(), op);
  }

  private static Op incident(Incident one) {
    return new Op.Put(INCIDENTS + one.id(), IncidentJson.text(one));
  }

  static String outbox(Notice notice) {
    return OUTBOX + notice.key() + "/" + notice.kind().word();
  }

  /** A serial number as a key: what is not plain is written by its code. */
  private static String key(String identity) {
    StringBuilder key = new StringBuilder();
    identity
        .codePoints()
        .limit(100)
        .forEach(c -> {
          boolean plain = c < 0x7f && (Character.isLetterOrDigit(c) || c == '-' || c == '.');
          key.append(plain ? Character.toString(c) : "%" + Integer.toHexString(c) + "_");
        });
    return key.isEmpty() ? "%" : key.toString();
  }

  /**
   * Whoever is told of an incident finds it after a crash; where it cannot be kept, all the same.
   */
  private void submit(List<Op> ops, List<Notice> notices) {
    List<CompletableFuture<TxnResult>> answers = new ArrayList<>();
    for (int i = 0; i < ops.size(); i += Txn.MOST_OPS) {
      List<Op> some = ops.subList(i, Math.min(ops.size(), i + Txn.MOST_OPS));
      answers.add(store.submit(new Txn(List.of(), some)));
    }
    CompletableFuture<Void> _ =
        CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
            .whenComplete((done, failure) -> {
              kept(Optional.ofNullable(failure));
              notices.forEach(outlet::tell);
            });
  }

  /** On the thread of the store. */
  private void kept(Optional<Throwable> failure) {
    if (failure.isPresent()) {
      unsaved.set(true);
      if (failing.compareAndSet(false, true)) {
        LOG.error("incidents cannot be kept: {}", failure.get().getMessage());
      }
    } else if (failing.compareAndSet(true, false)) {
      LOG.info("incidents are kept again");
    }
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
    return disagreements;
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
