package io.millwright.collector.ingest;

import java.util.ArrayList;
import java.util.List;
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

  private final List<List<C>> shares = new ArrayList<>();
  private int newest;
  private int next;

  Turns() {
    for (int i = 0; i < SHARES; i++) {
      shares.add(new ArrayList<>());
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

  /** The last of its share takes its place. */
  void remove(C connection, int share) {
    List<C> ones = shares.get(share);
    int at = ones.indexOf(connection);
    if (at >= 0) {
      C last = ones.removeLast();
      if (at < ones.size()) {
        ones.set(at, last);
      }
    }
  }

  /**
   * Turns the next share, from its end, so that who goes by its turn or another's leaves none out.
   * One that comes by it is turned later.
   */
  void turn(Consumer<C> each) {
    List<C> ones = shares.get(next);
    for (int i = ones.size() - 1; i >= 0; i--) {
      if (i < ones.size()) {
        each.accept(ones.get(i));
      }
    }
    next = (next + 1) % SHARES;
  }
}
