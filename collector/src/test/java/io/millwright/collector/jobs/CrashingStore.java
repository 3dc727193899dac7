package io.millwright.collector.jobs;

import io.millwright.collector.store.Snapshot;
import io.millwright.collector.store.StateStore;
import io.millwright.collector.store.StoreIdentity;
import io.millwright.collector.store.Txn;
import io.millwright.collector.store.TxnResult;
import io.millwright.collector.store.Versioned;
import io.millwright.protocol.vocabulary.job.Term;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/** A store whose process dies at a commit: before it, or after it and before the answer. */
final class CrashingStore implements StateStore {
  private final StateStore store;
  private final Random random;
  private int commitsLeft = Integer.MAX_VALUE;

  CrashingStore(StateStore store, Random random) {
    this.store = store;
    this.random = random;
  }

  static final class Crash extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final boolean tookEffect;

    Crash(boolean tookEffect) {
      this.tookEffect = tookEffect;
    }

    /** Whether the commit without an answer is durable. */
    boolean tookEffect() {
      return tookEffect;
    }
  }

  /** At one of the next commits. */
  void crashSoon() {
    commitsLeft = random.nextInt(3);
  }

  @Override
  public TxnResult txn(Txn txn) {
    if (commitsLeft-- > 0) {
      return store.txn(txn);
    }
    boolean tookEffect = random.nextBoolean();
    if (tookEffect) {
      store.txn(txn);
    }
    throw new Crash(tookEffect);
  }

  @Override
  public CompletableFuture<TxnResult> submit(Txn txn) {
    return CompletableFuture.completedFuture(txn(txn));
  }

  @Override
  public StoreIdentity identity() {
    return store.identity();
  }

  @Override
  public Term term() {
    return store.term();
  }

  @Override
  public Optional<Versioned> get(String key) {
    return store.get(key);
  }

  @Override
  public Snapshot range(String prefix) {
    return store.range(prefix);
  }

  @Override
  public void close() {
    store.close();
  }
}
