package io.millwright.collector.store;

import java.util.HashSet;
import java.util.List;

/**
 * Changes that happen together, when all comparisons hold, or not at all.
 *
 * @param then at most {@link #MOST_OPS}, each key once
 */
public record Txn(List<Compare> ifAll, List<Op> then) {
  /** What etcd takes by default. */
  public static final int MOST_OPS = 128;

  public Txn {
    ifAll = List.copyOf(ifAll);
    then = List.copyOf(then);
    if (ifAll.size() > MOST_OPS || then.size() > MOST_OPS) {
      throw new IllegalArgumentException(
          "transaction: %d comparisons and %d changes are refused; allowed are %d of each"
              .formatted(ifAll.size(), then.size(), MOST_OPS));
    }
    if (new HashSet<>(then.stream().map(Op::key).toList()).size() != then.size()) {
      throw new IllegalArgumentException("transaction: a key is changed twice; allowed is once");
    }
  }
}
