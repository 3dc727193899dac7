package io.millwright.collector.join;

import java.util.concurrent.TimeUnit;

/**
 * So many in any second, and no more.
 *
 * <p><i>Threading:</i> one owner.
 */
final class Pace {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final long[] newest;
  private int next;
  private int passed;

  Pace(int perSecond) {
    this.newest = new long[perSecond];
  }

  /** How many nanoseconds the next one waits; 0 where it need not. */
  long left(long nowNanos) {
    return passed < newest.length ? 0 : Math.max(0, newest[next] + SECOND - nowNanos);
  }

  /** One passes. */
  void pass(long nowNanos) {
    newest[next] = nowNanos;
    next = (next + 1) % newest.length;
    passed = Math.min(passed + 1, newest.length);
  }
}
