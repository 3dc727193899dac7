package io.millwright.collector.returns;

import io.millwright.collector.audit.AuditDraft;
import io.millwright.collector.audit.AuditLog;
import io.millwright.collector.incidents.Parts;
import io.millwright.collector.operations.Operating.News;
import io.millwright.collector.operations.PlainText;
import io.millwright.collector.operations.Ruling;
import io.millwright.collector.store.Op;
import io.millwright.collector.store.StateStore;
import io.millwright.collector.store.Versioned;
import io.millwright.protocol.bodies.JsonMistake;
import io.millwright.protocol.bodies.Shown;
import io.millwright.protocol.clock.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parts that are returned under a ticket, and what is said if one is seen again.
 *
 * <p>A part is gone once the connected node that had it has not told it for ten minutes: a driver
 * that is loaded anew is no exchange; or once that node was not heard for twelve hours while others
 * were: a tray is returned whole. It is seen again where a connected node tells its serial number
 * after that, or where another node tells it at any time.
 *
 * <p><i>Lifecycle:</i> {@link #open} reads the store; there is nothing to close. <i>Threading:</i>
 * the thread {@code control}; {@link #returns}, {@link #ticket} and {@link #ticketOfDevice} from
 * any. <i>Failure:</i> {@code StoreException} and {@code AuditException} of a person's change,
 * after which all stands as it did; what was seen and could not be kept is looked for again.
 */
public final class ReturnsDesk {
  static final String ALL = "/mw/returns/";

  private static final Logger LOG = LoggerFactory.getLogger(ReturnsDesk.class);
  private static final Duration LOOK = Duration.ofSeconds(5);
  private static final Duration LEFT_AFTER = Duration.ofMinutes(10);

  /** A whole tray goes with its part: longer than what is done to a node on its place. */
  private static final Duration LOST_AFTER = Duration.ofHours(12);

  private static final int MOST_OPEN = 1_000;
  private static final int MOST_KEPT = 5_000;
  private static final int LONGEST_WORD = 64;

  private final AuditLog audit;
  private final Supplier<Parts> parts;
  private final ToIntFunction<String> repeats;
  private final Consumer<News> news;
  private final Clock clock;
  private final Map<String, PartReturn> all = new TreeMap<>();
  private final Map<String, Long> absentNanos = new HashMap<>();
  private final Map<String, Long> silentNanos = new HashMap<>();
  private volatile List<PartReturn> published = List.of();
  private volatile Map<String, String> tickets = Map.of();
  private volatile Map<String, String> serials = Map.of();
  private boolean failing;
  private long lookedNanos;

  private ReturnsDesk(
      AuditLog audit,
      Supplier<Parts> parts,
      ToIntFunction<String> repeats,
      Consumer<News> news,
      Clock clock) {
    this.audit = audit;
    this.parts = parts;
    this.repeats = repeats;
    this.news = news;
    this.clock = clock;
    this.lookedNanos = clock.nanos() - LOOK.toNanos();
  }

  /**
   * Reads what was entered before.
   *
   * @param parts which parts are where now
   * @param repeats incidents that began at a serial number within thirty days
   * @param news what is told to everybody
   */
  public static ReturnsDesk open(
      StateStore store,
      AuditLog audit,
      Supplier<Parts> parts,
      ToIntFunction<String> repeats,
      Consumer<News> news,
      Clock clock) {
    ReturnsDesk desk = new ReturnsDesk(audit, parts, repeats, news, clock);
    store.range(ALL).values().forEach(desk::take);
    desk.publish();
    return desk;
  }

  /** One that cannot be read is left as it is, and not followed. */
  private void take(Versioned kept) {
    try {
      PartReturn one = ReturnJson.read(kept.value());
      all.put(one.id(), one);
    } catch (IllegalArgumentException e) {
      LOG.warn("a return that is kept cannot be read key={}", kept.key(), e);
    }
  }

  // ---- for everybody

  /** All that are kept; the oldest first. */
  public List<PartReturn> returns() {
    return published;
  }

  /** The ticket under which a serial number is returned. */
  public Optional<String> ticket(String serial) {
    return Optional.ofNullable(tickets.get(serial));
  }

  /** The ticket under which the device of this UUID is returned, while a node has it. */
  public Optional<String> ticketOfDevice(String uuid) {
    return Optional.ofNullable(serials.get(uuid)).flatMap(this::ticket);
  }

  // ---- what people ask for

  /** Enters that a part goes back. */
  public Ruling<PartReturn> add(String serial, String ticket, String reason, String by) {
    requireWord("serial", serial);
    requireWord("ticket", ticket);
    PlainText.require("reason", reason);
    Optional<PartReturn> there =
        all.values().stream().filter(one -> one.open() && one.serial().equals(serial)).findFirst();
    if (there.isPresent()) {
      return new Ruling.Refused<>(
          "serial %s is returned under ticket %s already; end that first with 'millwright returns end %s'"
              .formatted(serial, there.get().ticket(), there.get().id()));
    }
    if (all.values().stream().filter(PartReturn::open).count() >= MOST_OPEN) {
      return new Ruling.Refused<>(
          "%d returns are open, as many as are kept; end one first".formatted(MOST_OPEN));
    }
    long now = clock.wall().toEpochMilli();
    Optional<String> node = Optional.ofNullable(parts.get().nodes().get(serial));
    PartReturn one =
        new PartReturn(
            "r" + (audit.head().sequence() + 1),
            serial,
            ticket,
            reason,
            by,
            now,
            node,
            node.isPresent() ? OptionalLong.empty() : OptionalLong.of(now),
            Optional.empty(),
            OptionalLong.empty(),
            OptionalLong.empty());
    keep(one, List.of(new AuditDraft(by, "return.add", one.id(), "", words(one), reason)));
    return new Ruling.Done<>(one);
  }

  /** Ends a return; one that has ended stays as it is. */
  public Ruling<PartReturn> end(String id, String by, String reason) {
    PlainText.require("reason", reason);
    PartReturn one = all.get(id);
    if (one == null) {
      return new Ruling.Unknown<>(
          "No return '%s' is known; /v1/returns lists them.".formatted(Shown.text(id)));
    }
    if (!one.open()) {
      return new Ruling.Done<>(one);
    }
    PartReturn ended = one.ended(clock.wall().toEpochMilli());
    keep(ended, List.of(new AuditDraft(by, "return.end", id, words(one), "ended", reason)));
    return new Ruling.Done<>(ended);
  }

  private static String words(PartReturn one) {
    return "serial %s goes back under ticket %s".formatted(one.serial(), one.ticket());
  }

  private static void requireWord(String field, String text) {
    if (!text.matches("[\\x21-\\x7e]{1,%d}".formatted(LONGEST_WORD))) {
      throw JsonMistake.refused(
          field,
          Shown.quoted(text),
          "1 to %d visible characters of ASCII without blanks".formatted(LONGEST_WORD));
    }
  }

  /** Durable first; what ended long ago goes where there are too many. */
  private void keep(PartReturn one, List<AuditDraft> drafts) {
    List<Op> ops = new ArrayList<>();
    ops.add(new Op.Put(ALL + one.id(), ReturnJson.of(one)));
    Optional<PartReturn> oldest =
        all.size() < MOST_KEPT
            ? Optional.empty()
            : all.values().stream()
                .filter(other -> !other.open() && !other.id().equals(one.id()))
                .min(Comparator.comparingLong(PartReturn::atMs));
    oldest.ifPresent(other -> ops.add(new Op.Delete(ALL + other.id())));
    audit.commit(ops, drafts);
    oldest.ifPresent(other -> all.remove(other.id()));
    all.put(one.id(), one);
    publish();
  }

  private void publish() {
    published =
        all.values().stream()
            .sorted(Comparator.comparingLong(PartReturn::atMs).thenComparing(PartReturn::id))
            .toList();
    Map<String, String> open = new HashMap<>();
    all.values().stream()
        .filter(PartReturn::open)
        .forEach(one -> open.put(one.serial(), one.ticket()));
    tickets = Map.copyOf(open);
    serials = open.isEmpty() ? Map.of() : wanted(parts.get().serials(), open.keySet());
  }

  private static Map<String, String> wanted(
      Map<String, String> devices, Collection<String> returned) {
    Map<String, String> found = new HashMap<>();
    devices.forEach((uuid, serial) -> {
      if (returned.contains(serial)) {
        found.put(uuid, serial);
      }
    });
    return Map.copyOf(found);
  }

  // ---- the look

  /** Looks where the returned parts are. */
  public void look() {
    long nanos = clock.nanos();
    if (tickets.isEmpty() || nanos - lookedNanos < LOOK.toNanos()) {
      return;
    }
    lookedNanos = nanos;
    Parts now = parts.get();
    serials = wanted(now.serials(), tickets.keySet());
    for (PartReturn one : List.copyOf(all.values())) {
      if (one.open()) {
        look(one, now, nanos);
      }
    }
  }

  private void look(PartReturn one, Parts now, long nanos) {
    String where = now.nodes().get(one.serial());
    if (where == null) {
      missing(one, now, nanos);
      return;
    }
    absentNanos.remove(one.id());
    silentNanos.remove(one.id());
    boolean elsewhere = !one.place().equals(Optional.of(where));
    boolean back = one.leftMs().isPresent() && one.seenNode().isEmpty();
    if (elsewhere || back) {
      PartReturn seen = one.seen(where, clock.wall().toEpochMilli());
      if (kept(seen)) {
        tell(seen, where);
      }
    }
  }

  private void missing(PartReturn one, Parts now, long nanos) {
    boolean known = one.leftMs().isPresent() && one.seenNode().isEmpty();
    boolean told = one.place().filter(now.heard()::contains).isPresent();
    boolean silent = !told && !now.heard().isEmpty();
    boolean left = lasts(absentNanos, one.id(), !known && told, nanos, LEFT_AFTER);
    boolean lost = lasts(silentNanos, one.id(), !known && silent, nanos, LOST_AFTER);
    if ((left || lost) && kept(one.left(clock.wall().toEpochMilli()))) {
      absentNanos.remove(one.id());
      silentNanos.remove(one.id());
    }
  }

  /** Whether it has held for so long; once it does not, it begins anew. */
  private static boolean lasts(
      Map<String, Long> since, String id, boolean holds, long nanos, Duration least) {
    if (!holds) {
      since.remove(id);
      return false;
    }
    Long from = since.putIfAbsent(id, nanos);
    return from != null && nanos - from >= least.toNanos();
  }

  private void tell(PartReturn one, String where) {
    int count = repeats.applyAsInt(one.serial());
    LOG.warn(
        "a returned part is in a node again serial={} node={} ticket={}",
        one.serial(),
        where,
        one.ticket());
    news.accept(
        new News(
            "returned-part-seen",
            where,
            "Serial %s is in %s: it was returned. %d incidents began at it within 30 days."
                .formatted(one.serial(), where, count),
            one.ticket()));
  }

  /** What the store does not take now is seen again at the next look. */
  private boolean kept(PartReturn one) {
    try {
      keep(one, List.of());
      failing = false;
      return true;
    } catch (RuntimeException e) {
      if (!failing) {
        LOG.error("where a returned part is cannot be kept; it is looked for again", e);
      }
      failing = true;
      return false;
    }
  }
}
