package io.millwright.collector.store;

import java.util.Optional;

/** The answer to a transaction. */
public sealed interface TxnResult {

  /**
   * It took place and is durable.
   *
   * @param revision of all values it put; higher than that of every transaction before it
   */
  record Committed(long revision) implements TxnResult {}

  /**
   * It did not take place.
   *
   * @param failed the first comparison that did not hold
   * @param current what stands under its key
   */
  record Conflict(Compare failed, Optional<Versioned> current) implements TxnResult {}
}
