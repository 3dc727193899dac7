package io.millwright.collector.ingest;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Turns each connection once a second by one timer. A timer for each of ten thousand would have a
 * queue of as many in order, of which each second moves all. On the thread {@code ingest}.
 *
 * @param <C> connections
 */
final class Turns<C> {
  /** A share of the connections at a time, so that no sample waits for all of them. */
  static final int SHARES = 20;

  /** Between two shares, ms. */
  static final long EVERY_MS = 1000 / SHARES;

  private final List<Set<C>> shares = new ArrayList<>();
  private int newest;
  private int next;

  Turns() {
    for (int i = 0; i < SHARES; i++) {
      shares.add(new LinkedHashSet<>());
    }
  }

  /**
   * Has it turned from now on.
   *
   * @return in which share
   */
  int add(C connection) {
    newest = (newest + 1) % SHARES;
    shares.get(newest).add(connection);
    return newest;
  }

  void remove(C connection, int share) {
    shares.get(share).remove(connection);
  }

  /** Turns the next share; one that comes by it is turned later. */
  void turn(Consumer<C> each) {
    List.copyOf(shares.get(next)).forEach(each);
    next = (next + 1) % SHARES;
  }
}
