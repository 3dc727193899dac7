package io.millwright.collector.audit;

import io.millwright.collector.store.Op;
import io.millwright.collector.store.StateStore;
import io.millwright.collector.store.StoreException;
import io.millwright.collector.store.StoreIdentity;
import io.millwright.collector.store.Versioned;
import io.millwright.protocol.bodies.AuditHeadsBody;
import io.millwright.protocol.bodies.AuditHeadsBody.Kept;
import io.millwright.protocol.bodies.Fields;
import io.millwright.protocol.bodies.Json;
import io.millwright.protocol.vocabulary.LogHead;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells nodes where the log ends, and compares what they kept with the log.
 *
 * <p>A log that was cut, or written anew, is whole in itself: only who saw it before can tell. What
 * is found is said in the log of the process, by a metric and in {@code /v1/audit/heads}; it stops
 * nothing. A node can lie, and is named.
 *
 * <p><i>Lifecycle:</i> {@link #open} notes how far the log had come when this generation of the
 * store began. <i>Threading:</i> {@link #open} and {@link #look} on the thread {@code control}; the
 * rest from any. <i>Failure:</i> {@code StoreException} of {@link #look} where the store cannot be
 * read; what was told then is looked at again at the next look.
 */
public final class WitnessDesk implements Witnesses {
  /** Below it, by generation: how many entries there were when the store's generation began. */
  static final String GENERATIONS = AuditLog.ALL + "generation/";

  private static final Logger LOG = LoggerFactory.getLogger(WitnessDesk.class);
  private static final List<String> BEGIN = List.of("generation", "sequence");

  /** Nodes have kept the same heads, as they were told them together. */
  private static final int MOST_REMEMBERED = 4096;

  private final StateStore store;
  private final AuditLog audit;
  private final UUID id;
  private final long generation;
  private final NavigableMap<Long, Long> begins;
  private final Map<String, AuditHeadsBody> waiting = new ConcurrentHashMap<>();
  private final Map<String, Witness> seen = new ConcurrentHashMap<>();
  private final Map<Long, String> remembered = new LinkedHashMap<>();
  private volatile Optional<LogHead> head = Optional.empty();
  private long headSequence = -1;

  /**
   * What a node has kept, and what that says of the log.
   *
   * @param kept the head that the verdict is of: the newest, or the first of the gravest
   * @param why one clause behind the words of the head
   */
  public record Witness(String node, Kept kept, Verdict verdict, String why) {}

  private WitnessDesk(StateStore store, AuditLog audit, NavigableMap<Long, Long> begins) {
    StoreIdentity identity = store.identity();
    this.store = store;
    this.audit = audit;
    this.id = UUID.fromString(identity.id());
    this.generation = identity.generation();
    this.begins = begins;
  }

  /**
   * Of this log; its first opening in a generation of the store is noted.
   *
   * @param audit to which nothing was added since it was opened
   */
  public static WitnessDesk open(StateStore store, AuditLog audit) {
    NavigableMap<Long, Long> begins = begins(store.range(GENERATIONS).values());
    long generation = store.identity().generation();
    if (!begins.containsKey(generation)) {
      begins.put(generation, audit.head().sequence());
      audit.commit(List.of(begin(generation, audit.head().sequence())), List.of());
    }
    WitnessDesk desk = new WitnessDesk(store, audit, begins);
    desk.publish();
    return desk;
  }

  private static Op begin(long generation, long sequence) {
    return new Op.Put(
        GENERATIONS + "%020d".formatted(generation),
        Json.text(Json.object().put("generation", generation).put("sequence", sequence)));
  }

  /** What stands below {@link #GENERATIONS}. */
  static NavigableMap<Long, Long> begins(Iterable<Versioned> stored) {
    NavigableMap<Long, Long> begins = new TreeMap<>();
    for (Versioned one : stored) {
      Fields fields =
          Fields.of(
              "",
              Json.read("the begin of a generation", one.value().getBytes(StandardCharsets.UTF_8)),
              BEGIN);
      begins.put(fields.whole("generation"), fields.whole("sequence"));
    }
    return begins;
  }

  // ---- for everybody

  @Override
  public Optional<LogHead> head() {
    return head;
  }

  /** The newest of a node counts; it is looked at by the writer's next turn. */
  @Override
  public void told(AuditHeadsBody kept) {
    waiting.put(kept.node(), kept);
  }

  /** All nodes that have told, by their names. */
  public List<Witness> witnesses() {
    return seen.values().stream().sorted(Comparator.comparing(Witness::node)).toList();
  }

  /** How many nodes there are of each verdict. */
  public Map<String, Integer> counts() {
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (Verdict verdict : Verdict.values()) {
      counts.put(verdict.word(), 0);
    }
    seen.values().forEach(witness -> counts.merge(witness.verdict().word(), 1, Integer::sum));
    return counts;
  }

  /** One clause where the log is not the one that nodes saw. */
  public Optional<String> trouble() {
    long many =
        seen.values().stream().filter(witness -> witness.verdict() == Verdict.CONTRADICTS).count();
    return many == 0
        ? Optional.empty()
        : Optional.of(
            "the audit log is not the one that %d nodes saw: 'millwright audit heads' names them"
                .formatted(many));
  }

  // ---- the look

  /** Publishes where the log ends, and looks at what nodes told since. */
  public void look() {
    publish();
    for (String node : List.copyOf(waiting.keySet())) {
      AuditHeadsBody kept = waiting.remove(node);
      if (kept != null && !kept.heads().isEmpty()) {
        lookOrWait(kept);
      }
    }
  }

  private void lookOrWait(AuditHeadsBody kept) {
    try {
      look(kept);
    } catch (StoreException failure) {
      waiting.putIfAbsent(kept.node(), kept);
      throw failure;
    }
  }

  private void publish() {
    AuditHead now = audit.head();
    if (now.sequence() != headSequence) {
      headSequence = now.sequence();
      head =
          now.sequence() == 0
              ? Optional.empty()
              : Optional.of(new LogHead(id, generation, now.sequence(), now.hash()));
    }
  }

  private void look(AuditHeadsBody told) {
    Testimony testimony =
        new Testimony(id, generation, audit.head().sequence(), begins, this::hash);
    Witness before = seen.get(told.node());
    Witness now = standing(before, testimony).orElseGet(() -> witness(told, testimony));
    seen.put(told.node(), now);
    boolean known =
        before != null
            && before.verdict() == now.verdict()
            && before.kept().head().equals(now.kept().head());
    if (now.verdict() == Verdict.CONTRADICTS && !known) {
      LOG.error(
          "the audit log is not the one that a node saw node={}: {}", now.node(), sentence(now));
    }
  }

  /** A contradiction that was found stands while it is one, whatever the node says since. */
  private static Optional<Witness> standing(@Nullable Witness before, Testimony testimony) {
    if (before == null || before.verdict() != Verdict.CONTRADICTS) {
      return Optional.empty();
    }
    Testimony.Found still = testimony.of(before.kept().head());
    return still.verdict() == Verdict.CONTRADICTS
        ? Optional.of(new Witness(before.node(), before.kept(), still.verdict(), still.why()))
        : Optional.empty();
  }

  /** The gravest counts, and of those alike the newest; what is of another store comes last. */
  private static Witness witness(AuditHeadsBody told, Testimony testimony) {
    Kept decisive = told.heads().getFirst();
    Testimony.Found found = testimony.of(decisive.head());
    for (Kept one : told.heads()) {
      Testimony.Found next = testimony.of(one.head());
      if (next.verdict().compareTo(found.verdict()) >= 0) {
        decisive = one;
        found = next;
      }
    }
    return new Witness(told.node(), decisive, found.verdict(), found.why());
  }

  /** As in {@code entry 7 of generation 1, seen at 2027-01-15T08:00:00Z, is not in the log}. */
  public static String sentence(Witness witness) {
    return "%s, seen at %s, %s"
        .formatted(
            witness.kept().head().words(),
            Instant.ofEpochMilli(witness.kept().seenMs()),
            witness.why());
  }

  private Optional<String> hash(long sequence) {
    String known = remembered.get(sequence);
    if (known != null) {
      return Optional.of(known);
    }
    Optional<String> found =
        store
            .get(AuditLog.key(sequence))
            .flatMap(stored -> AuditEntry.hashOf(sequence, stored.value()));
    found.ifPresent(hash -> {
      if (remembered.size() >= MOST_REMEMBERED) {
        remembered.clear();
      }
      remembered.put(sequence, hash);
    });
    return found;
  }
}
