package io.millwright.collector.store;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What the thread of the store is asked. */
sealed interface Request {
  CompletableFuture<?> answer();

  default void refuse(StoreException why) {
    answer().completeExceptionally(why);
  }

  record Write(Txn txn, CompletableFuture<TxnResult> answer) implements Request {}

  record Get(String key, CompletableFuture<Optional<Versioned>> answer) implements Request {}

  record Range(String prefix, CompletableFuture<Snapshot> answer) implements Request {}

  /** The last one. */
  record Close(CompletableFuture<Boolean> answer) implements Request {}
}
