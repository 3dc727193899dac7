package io.millwright.collector.store;

import io.millwright.protocol.vocabulary.job.Term;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Stands where a store will be. */
enum StillClosed implements StateStore {
  STORE;

  @Override
  public StoreIdentity identity() {
    throw notOpen();
  }

  @Override
  public Term term() {
    throw notOpen();
  }

  @Override
  public Optional<Versioned> get(String key) {
    throw notOpen();
  }

  @Override
  public Snapshot range(String prefix) {
    throw notOpen();
  }

  @Override
  public CompletableFuture<TxnResult> submit(Txn txn) {
    throw notOpen();
  }

  @Override
  public TxnResult txn(Txn txn) {
    throw notOpen();
  }

  @Override
  public void close() {}

  private static IllegalStateException notOpen() {
    return new IllegalStateException("not open yet");
  }
}
