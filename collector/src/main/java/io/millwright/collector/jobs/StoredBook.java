package io.millwright.collector.jobs;

import io.millwright.collector.audit.AuditDraft;
import io.millwright.collector.audit.AuditLog;
import io.millwright.collector.store.Compare;
import io.millwright.collector.store.Op;
import io.millwright.collector.store.Snapshot;
import io.millwright.collector.store.StateStore;
import io.millwright.collector.store.Txn;
import io.millwright.collector.store.TxnResult;
import io.millwright.collector.store.Versioned;
import io.millwright.protocol.vocabulary.job.Term;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The book in the store, and the right to write it.
 *
 * <p>Every transaction of the book compares and writes its header. Whoever opens the book writes
 * the header under its own term, and with that all writers before it have lost: their next
 * transaction conflicts, whatever it would have changed. So no device can be granted twice, even
 * when an old writer wakes up late. Owned by the owner of the book.
 */
final class StoredBook {
  /** More than the changes of any book, and a million generations fit into a JSON number. */
  private static final int GENERATION_SHIFT = 32;

  private final StateStore store;
  private long revision;
  private long sequence;
  private boolean lost;

  private StoredBook(StateStore store, long revision, long sequence) {
    this.store = store;
    this.revision = revision;
    this.sequence = sequence;
  }

  /** Claims the book for the term of this store's opening. */
  static StoredBook claim(StateStore store) {
    Optional<Versioned> header = store.get(Keys.HEADER);
    long written = header.map(h -> sequence(h, store.term())).orElse(0L);
    long sequence = Math.max(written, firstSequence(store.term().generation())) + 1;
    Compare unchanged =
        header
            .<Compare>map(h -> new Compare.Revision(Keys.HEADER, h.revision()))
            .orElseGet(() -> new Compare.Absent(Keys.HEADER));
    return switch (store.txn(new Txn(List.of(unchanged), List.of(header(store, sequence))))) {
      case TxnResult.Committed(long revision) -> new StoredBook(store, revision, sequence);
      case TxnResult.Conflict conflict ->
          throw new BookException(
              "job book: another collector opened it at the same time; start this one again when"
                  + " the other has stopped");
    };
  }

  static long firstSequence(long generation) {
    return (generation - 1) << GENERATION_SHIFT;
  }

  private static long sequence(Versioned stored, Term ours) {
    RunJson.Header header = RunJson.header(stored.value());
    if (header.term().compareTo(ours) > 0 || header.term().contradicts(ours)) {
      throw new BookException(
          "job book: a collector of a later term (%d.%d) has it, and this one is of term %d.%d; start this one again"
              .formatted(
                  header.term().generation(),
                  header.term().number(),
                  ours.generation(),
                  ours.number()));
    }
    return header.sequence();
  }

  private static Op header(StateStore store, long sequence) {
    return new Op.Put(Keys.HEADER, RunJson.of(new RunJson.Header(store.term(), sequence)));
  }

  Term term() {
    return store.term();
  }

  Snapshot read() {
    return store.range(Keys.ALL);
  }

  /** Of the last transaction; rises with each. */
  long sequence() {
    return sequence;
  }

  /** Throws where another has the book, or the store does not answer; writes nothing. */
  void confirm() {
    if (lost) {
      throw lost();
    }
    lost = store.get(Keys.HEADER).filter(header -> header.revision() == revision).isEmpty();
    if (lost) {
      throw lost();
    }
  }

  /** Makes the changes durable under the next sequence. */
  void commit(List<Op> changes) {
    commit(changes, Optional.empty());
  }

  /** The entries of the audit log that say what a change is. */
  record Noted(AuditLog audit, List<AuditDraft> drafts) {}

  /** The same together with its entries in the audit log. */
  void commit(List<Op> changes, Optional<Noted> noted) {
    if (lost) {
      throw lost();
    }
    List<Op> ops = new ArrayList<>(changes);
    ops.add(header(store, sequence + 1));
    Compare ours = new Compare.Revision(Keys.HEADER, revision);
    List<Compare> unchanged = new ArrayList<>(List.of(ours));
    Optional<AuditLog.Joined> entries = noted.map(by -> by.audit().join(by.drafts()));
    entries.ifPresent(joined -> {
      unchanged.add(joined.unchanged());
      ops.addAll(joined.ops());
    });
    switch (store.txn(new Txn(unchanged, ops))) {
      case TxnResult.Committed(long committed) -> {
        revision = committed;
        sequence++;
        entries.ifPresent(joined -> noted.orElseThrow().audit().written(joined, committed));
      }
      case TxnResult.Conflict(Compare failed, var current) -> {
        if (!failed.equals(ours)) {
          throw AuditLog.overtaken();
        }
        lost = true;
        throw lost();
      }
    }
  }

  private static BookException lost() {
    return new BookException(
        "job book: another collector has taken it over; this one writes nothing more and must be"
            + " started again");
  }
}
