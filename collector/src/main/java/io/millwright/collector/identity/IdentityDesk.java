package io.millwright.collector.identity;

import io.millwright.collector.audit.AuditDraft;
import io.millwright.collector.audit.AuditLog;
import io.millwright.collector.store.Op;
import io.millwright.collector.store.StateStore;
import io.millwright.collector.store.Txn;
import io.millwright.collector.store.Versioned;
import io.millwright.collector.trust.EnrolmentDesk;
import io.millwright.collector.trust.Revocation;
import io.millwright.collector.trust.RevocationFiles;
import io.millwright.collector.trust.Revocations;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.tls.JoinAnswer;
import io.millwright.protocol.tls.PeerIdentity;
import io.millwright.protocol.tls.Refusal;
import io.millwright.protocol.tls.TlsException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was taken back, and on which hardware each node was seen.
 *
 * <p>A node that speaks on other hardware than before is quarantined: it gets no session and no
 * certificate, and the one that was seen first keeps its own. What is found is written into the
 * audit log, of one node once an hour at the most.
 *
 * <p><i>Lifecycle:</i> {@link #open} reads the store and the files; {@link #close} ends the worker
 * that signs. <i>Threading:</i> {@link #look} on the thread {@code control}; the rest from any.
 * <i>Failure:</i> what cannot be kept now is kept at a later look; files that cannot be read leave
 * in force what was known.
 */
public final class IdentityDesk implements Identities, AutoCloseable {
  static final String PINS = "/mw/identity/pin/";
  static final String REVOKED = "/mw/identity/revoked/";

  private static final Logger LOG = LoggerFactory.getLogger(IdentityDesk.class);
  private static final Duration LOOK = Duration.ofSeconds(5);
  private static final Duration TOLD_AGAIN = Duration.ofHours(1);
  private static final Duration CALLED_QUARANTINED = Duration.ofMinutes(10);
  private static final int MOST_A_LOOK = 20;

  /** In one transaction, which takes no more than {@link Txn#MOST_OPS}. */
  private static final int MOST_PINS_AT_ONCE = 100;

  private static final int MOST_TURNS_OF_PINS = 10;

  private final AuditLog audit;
  private final RevocationFiles files;
  private final Optional<EnrolmentDesk> enrolment;
  private final Duration grace;
  private final Clock clock;
  private final Map<String, Revocation> kept = new HashMap<>();
  private final Map<String, Pin> pins = new ConcurrentHashMap<>();
  private final Queue<String> unkept = new ConcurrentLinkedQueue<>();
  private final Queue<AuditDraft> untold = new ConcurrentLinkedQueue<>();
  private final Map<String, Clone> clones = new ConcurrentHashMap<>();
  private volatile Revocations revocations = Revocations.NONE;
  private volatile boolean unreadable;
  private boolean failing;
  private long lookedNanos;

  /** One that speaks under the name of another. */
  private record Clone(long lastNanos, long toldNanos) {}

  private IdentityDesk(
      AuditLog audit,
      RevocationFiles files,
      Optional<EnrolmentDesk> enrolment,
      Duration grace,
      Clock clock) {
    this.audit = audit;
    this.files = files;
    this.enrolment = enrolment;
    this.grace = enrolment.isPresent() ? grace : Duration.ZERO;
    this.clock = clock;
    this.lookedNanos = clock.nanos();
  }

  /**
   * Reads what was known before.
   *
   * @param enrolment signs; empty for a collector that has not the authority's key
   * @param grace so long after its end a certificate may be renewed
   * @throws TlsException where a file of what was taken back cannot be read
   */
  public static IdentityDesk open(
      StateStore store,
      AuditLog audit,
      RevocationFiles files,
      Optional<EnrolmentDesk> enrolment,
      Duration grace,
      Clock clock) {
    IdentityDesk desk = new IdentityDesk(audit, files, enrolment, grace, clock);
    store.range(REVOKED).values().forEach(desk::takeRevocation);
    store.range(PINS).values().forEach(desk::takePin);
    desk.publish(files.read().values());
    return desk;
  }

  private void takeRevocation(Versioned stored) {
    Revocation.parse(stored.value())
        .ifPresentOrElse(
            revocation -> kept.put(stored.key().substring(REVOKED.length()), revocation),
            () -> LOG.error("a revocation that is kept cannot be read key={}", stored.key()));
  }

  private void takePin(Versioned stored) {
    Pin.parse(stored.value())
        .ifPresentOrElse(
            pin -> pins.put(stored.key().substring(PINS.length()), pin),
            () -> LOG.warn("the hardware of a node cannot be read key={}", stored.key()));
  }

  /** A file that was removed takes nothing back: what was once known stays in force. */
  private void publish(Collection<Revocation> found) {
    List<Revocation> all = new ArrayList<>(kept.values());
    all.addAll(found);
    revocations = new Revocations(all);
  }

  // ---- for everybody

  @Override
  public Duration grace() {
    return grace;
  }

  @Override
  public Optional<Refusal> refusal(PeerIdentity peer, X509Certificate certificate) {
    return revocations.refusal(peer, certificate);
  }

  @Override
  public Optional<Refusal> seen(String node, List<String> hardware, String peer) {
    long nowMs = pinnedMs(node);
    Optional<Pin> known = Optional.ofNullable(pins.get(node)).filter(pin -> counts(node, pin));
    if (known.isPresent() && !known.get().canBe(hardware)) {
      return Optional.of(quarantined(node, known.get().hardware(), hardware, peer));
    }
    Pin next =
        known.map(pin -> pin.next(hardware, nowMs)).orElseGet(() -> new Pin(hardware, nowMs));
    if (!hardware.isEmpty() && !sameWords(known, next)) {
      pins.put(node, next);
      unkept.add(node);
    }
    return Optional.empty();
  }

  @Override
  public Optional<Refusal> equipped(
      String node, List<String> hardware, List<String> serials, String peer) {
    Optional<Pin> known = Optional.ofNullable(pins.get(node)).filter(pin -> counts(node, pin));
    if (known.isEmpty() && !hardware.isEmpty()) {
      return Optional.empty(); // it was taken back since HELLO: who speaks next is pinned
    }
    Pin base = known.orElseGet(() -> new Pin(hardware, pinnedMs(node)));
    if (!base.canHave(hardware, serials)) {
      return Optional.of(quarantined(node, base.accelerators(), serials, peer));
    }
    Pin next = base.with(serials);
    if (!next.equals(base)) {
      pins.put(node, next);
      unkept.add(node);
    }
    return Optional.empty();
  }

  private static boolean sameWords(Optional<Pin> known, Pin next) {
    return known.map(Pin::hardware).equals(Optional.of(next.hardware()));
  }

  /** The second in which it was taken back is of what was before. */
  private boolean counts(String node, Pin pin) {
    return revocations
        .hardwareUntil(node)
        .filter(until -> pin.atMs() < until.plusSeconds(1).toEpochMilli())
        .isEmpty();
  }

  /** Now, and behind what was taken back, also by a clock that is ahead: it counts at once. */
  private long pinnedMs(String node) {
    long nowMs = clock.wall().toEpochMilli();
    return revocations
        .hardwareUntil(node)
        .map(until -> Math.max(nowMs, until.plusSeconds(1).toEpochMilli()))
        .orElse(nowMs);
  }

  private Refusal quarantined(
      String node, List<String> before, List<String> hardware, String peer) {
    long now = clock.nanos();
    clones.compute(
        node,
        (name, earlier) -> {
          boolean again = earlier == null || now - earlier.toldNanos() >= TOLD_AGAIN.toNanos();
          if (again) {
            untold.add(
                new AuditDraft(
                    "identity",
                    "node.quarantine",
                    node,
                    String.join(" ", before),
                    String.join(" ", hardware),
                    "it spoke on other hardware, from " + peer));
            LOG.error(
                "node quarantined: it speaks on other hardware than before node={} peer={} hardware={} before={}",
                node,
                peer,
                hardware,
                before);
          }
          return new Clone(now, again ? now : earlier.toldNanos());
        });
    return new Refusal(
        Refusal.Reason.OTHER_HARDWARE,
        "node %s is quarantined: it was seen on other hardware before, so one of the two is a copy; stop the copy, or, where the machine was rebuilt: 'millwright collector ca repin --node %1$s'"
            .formatted(node));
  }

  @Override
  public void renew(
      PeerIdentity.Node node,
      X509Certificate shown,
      byte[] request,
      BooleanSupplier there,
      Consumer<JoinAnswer> then) {
    if (enrolment.isEmpty()) {
      then.accept(NO_AUTHORITY);
      return;
    }
    enrolment.get().renew(node, shown, request, there, then);
  }

  /** Nodes and certificates that were taken back. */
  public int revoked() {
    return revocations.size();
  }

  /** Names under which somebody spoke on other hardware within ten minutes. */
  public List<String> quarantined() {
    long now = clock.nanos();
    return clones.entrySet().stream()
        .filter(clone -> now - clone.getValue().lastNanos() < CALLED_QUARANTINED.toNanos())
        .map(Map.Entry::getKey)
        .sorted()
        .toList();
  }

  /** Where certificates are signed anew; empty where none is. */
  public Optional<EnrolmentDesk> renewals() {
    return enrolment;
  }

  /** Whether the files of what was taken back can be read. */
  public boolean readable() {
    return !unreadable;
  }

  // ---- the look

  /** Finds what was taken back since, and keeps what was found. */
  public void look() {
    long now = clock.nanos();
    if (now - lookedNanos < LOOK.toNanos()) {
      return;
    }
    lookedNanos = now;
    Map<String, Revocation> news = news();
    List<AuditDraft> told = drained(untold, MOST_A_LOOK);
    List<Op> ops = new ArrayList<>();
    List<AuditDraft> drafts = new ArrayList<>(told);
    news.forEach((name, revocation) -> {
      ops.add(new Op.Put(REVOKED + name, revocation.text()));
      drafts.add(draft(revocation));
    });
    if (committed(ops, drafts)) {
      kept.putAll(news);
    } else {
      untold.addAll(told);
    }
    for (int turn = 0; turn < MOST_TURNS_OF_PINS && !unkept.isEmpty() && !failing; turn++) {
      keepPins();
    }
  }

  private void keepPins() {
    List<String> nodes = drained(unkept, MOST_PINS_AT_ONCE);
    List<Op> ops = new ArrayList<>();
    nodes.stream()
        .distinct()
        .forEach(node ->
            Optional.ofNullable(pins.get(node))
                .ifPresent(pin -> ops.add(new Op.Put(PINS + node, pin.text()))));
    if (!committed(ops, List.of())) {
      unkept.addAll(nodes);
    }
  }

  /** What is not in the store yet; all that is there is in force from here on. */
  private Map<String, Revocation> news() {
    Map<String, Revocation> news = new HashMap<>();
    RevocationFiles.Found found = files.found();
    if (!kept.keySet().containsAll(found.revocations().keySet())) {
      publish(found.revocations().values());
    }
    found.revocations().entrySet().stream()
        .filter(one -> !kept.containsKey(one.getKey()))
        .limit(MOST_A_LOOK)
        .forEach(one -> news.put(one.getKey(), one.getValue()));
    if (found.failure().isPresent() && !unreadable) {
      LOG.error(
          "a revocation cannot be read; all others and those of before are in force",
          found.failure().get());
    }
    unreadable = found.failure().isPresent();
    return news;
  }

  private static <T> List<T> drained(Queue<T> queue, int most) {
    List<T> taken = new ArrayList<>();
    T next = queue.poll();
    while (next != null) {
      taken.add(next);
      next = taken.size() < most ? queue.poll() : null;
    }
    return taken;
  }

  private static AuditDraft draft(Revocation revocation) {
    String what =
        switch (revocation.kind()) {
          case NODE -> "node.revoke";
          case SERIAL -> "certificate.revoke";
          case HARDWARE -> "node.repin";
        };
    return new AuditDraft(
        revocation.by(),
        what,
        revocation.subject(),
        "",
        "until " + revocation.at(),
        revocation.reason());
  }

  private boolean committed(List<Op> ops, List<AuditDraft> drafts) {
    if (ops.isEmpty() && drafts.isEmpty()) {
      return true;
    }
    try {
      audit.commit(ops, drafts);
      failing = false;
      return true;
    } catch (RuntimeException failure) {
      if (!failing) {
        LOG.error("what is known of identities cannot be kept; it is tried again", failure);
      }
      failing = true;
      return false;
    }
  }

  /** What was asked for is signed first. */
  @Override
  public void close() {
    enrolment.ifPresent(EnrolmentDesk::close);
  }
}
