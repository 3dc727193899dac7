package io.millwright.collector.audit;

import io.millwright.collector.store.Compare;
import io.millwright.collector.store.Op;
import io.millwright.collector.store.StateStore;
import io.millwright.collector.store.Txn;
import io.millwright.collector.store.TxnResult;
import io.millwright.collector.store.Versioned;
import io.millwright.protocol.clock.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The log of changes, and the way to make one.
 *
 * <p>Every transaction compares and writes the newest entry's number and hash, so that two writers
 * never fork the chain: the one that comes second is refused and writes no more.
 *
 * <p><i>Lifecycle:</i> {@link #open} reads where the chain ends. <i>Threading:</i> the thread
 * {@code control}, the single writer; {@link #commit} waits for the disk. <i>Failure:</i> {@link
 * AuditException} where another collector wrote the log since, {@code StoreException} where the
 * store fails; neither the change nor its entry is there then.
 */
public final class AuditLog {
  /** All of it stands below this, and the orders of power limits too. */
  public static final String ALL = "/mw/audit/";

  /** Where its entries stand, in the order of their numbers. */
  public static final String ENTRIES = ALL + "log/";

  /** Number and hash of the newest entry. */
  public static final String HEAD = ALL + "head";

  /** So many changes of a transaction are left for its entries and the head. */
  public static final int MOST_ENTRIES = 40;

  private static final int DIGITS = 20;

  /** A range of keys that agree in all but the last digits is one read. */
  private static final int CHUNK_DIGITS = 2;

  private static final int CHUNK = 100;

  private final StateStore store;
  private final Clock clock;
  private Optional<Long> headRevision;
  private AuditHead head;

  private AuditLog(StateStore store, Clock clock, Optional<Versioned> head) {
    this.store = store;
    this.clock = clock;
    this.headRevision = head.map(Versioned::revision);
    this.head = head.map(stored -> AuditHead.of(stored.value())).orElse(AuditHead.EMPTY);
  }

  public static AuditLog open(StateStore store, Clock clock) {
    return new AuditLog(store, clock, store.get(HEAD));
  }

  /** Where the chain ends. */
  public AuditHead head() {
    return head;
  }

  /**
   * Makes changes and writes down what they were, durably and together.
   *
   * @param drafts at most {@link #MOST_ENTRIES}; none where the change is nobody's doing
   */
  public void commit(List<Op> changes, List<AuditDraft> drafts) {
    Joined entries = join(drafts);
    List<Op> ops = new ArrayList<>(changes);
    ops.addAll(entries.ops());
    switch (store.txn(new Txn(List.of(entries.unchanged()), ops))) {
      case TxnResult.Committed(long revision) -> written(entries, revision);
      case TxnResult.Conflict conflict -> throw overtaken();
    }
  }

  /**
   * Entries that are to become durable in a transaction of another room, together with its change.
   *
   * @param unchanged what that transaction compares besides
   * @param ops what it changes besides
   */
  public record Joined(Compare unchanged, List<Op> ops, AuditHead end) {}

  /** For a transaction that is made at once; {@link #written} when it is durable. */
  public Joined join(List<AuditDraft> drafts) {
    long now = clock.wall().toEpochMilli();
    List<Op> ops = new ArrayList<>();
    AuditHead end = head;
    for (AuditDraft draft : drafts) {
      AuditEntry entry = AuditEntry.after(end.sequence() + 1, end.hash(), now, draft);
      ops.add(new Op.Put(key(entry.sequence()), entry.json()));
      end = new AuditHead(entry.sequence(), entry.hash());
    }
    ops.add(new Op.Put(HEAD, end.json()));
    Compare unchanged =
        headRevision
            .<Compare>map(revision -> new Compare.Revision(HEAD, revision))
            .orElseGet(() -> new Compare.Absent(HEAD));
    return new Joined(unchanged, List.copyOf(ops), end);
  }

  /** The transaction of these entries is durable, under this revision. */
  public void written(Joined entries, long revision) {
    headRevision = Optional.of(revision);
    head = entries.end();
  }

  /** What is thrown where the comparison of {@link Joined} does not hold. */
  public static AuditException overtaken() {
    return new AuditException(
        "audit log: another collector has written it since; this one writes nothing more and must"
            + " be started again");
  }

  static String key(long sequence) {
    return ENTRIES + padded(sequence);
  }

  private static String padded(long sequence) {
    return "%020d".formatted(sequence);
  }

  /**
   * Entries of the log, in their order.
   *
   * @param after only those behind this number
   */
  public List<AuditEntry> entries(long after, int most) {
    List<AuditEntry> found = new ArrayList<>();
    long next = after + 1;
    while (found.size() < most && next <= head.sequence()) {
      String chunk = ENTRIES + padded(next).substring(0, DIGITS - CHUNK_DIGITS);
      for (Versioned stored : store.range(chunk).values()) {
        AuditEntry entry = AuditEntry.of(stored.value());
        if (entry.sequence() > after && found.size() < most) {
          found.add(entry);
        }
      }
      next = (next / CHUNK + 1) * CHUNK;
    }
    return found;
  }
}
