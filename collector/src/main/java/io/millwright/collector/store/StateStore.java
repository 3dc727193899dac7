package io.millwright.collector.store;

import io.millwright.protocol.vocabulary.job.Term;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The durable state of one collector, or of several that take turns.
 *
 * <p><i>Lifecycle:</i> opened by its implementation, which starts a new {@link #term}; closed once.
 * <i>Threading:</i> any thread; transactions are serialized, and a read sees every transaction that
 * was answered before it was asked. <i>Failure:</i> {@link StoreException}. After one the outcome
 * of the transaction is unknown: read before you write again, or begin anew.
 */
public interface StateStore extends AutoCloseable {

  /** Who wrote this store first, and how often it was restored. */
  StoreIdentity identity();

  /** The right to grant of this opening; higher than that of every opening before it. */
  Term term();

  /** What stands under the key now. */
  Optional<Versioned> get(String key);

  /** All that stands under the keys that begin so, at one revision, in the order of the keys. */
  Snapshot range(String prefix);

  /** Hands a transaction over; the answer comes when it is durable, or when it is refused. */
  CompletableFuture<TxnResult> submit(Txn txn);

  /** Waits for the answer, also when interrupted. */
  TxnResult txn(Txn txn);

  @Override
  void close();
}
