package io.millwright.protocol.vocabulary;

import java.time.Duration;

/**
 * The periods that a site reads its series with; each is positive, and no faster than the first.
 */
public record Periods(Duration fast, Duration medium, Duration slow) {

  /** One, five and thirty seconds. */
  public static final Periods STANDARD =
      new Periods(Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ofSeconds(30));

  public Periods {
    if (fast.isNegative()
        || fast.isZero()
        || medium.compareTo(fast) < 0
        || slow.compareTo(medium) < 0) {
      throw new IllegalArgumentException(
          "periods must be 0 < fast <= medium <= slow, got " + fast + ", " + medium + ", " + slow);
    }
  }

  /** The period in nanoseconds; the longest there is for what is read once. */
  public long nanos(Cadence cadence) {
    return switch (cadence) {
      case FAST -> fast.toNanos();
      case MEDIUM -> medium.toNanos();
      case SLOW -> slow.toNanos();
      case ONCE -> Long.MAX_VALUE;
    };
  }

  /**
   * Two periods, and half a fast one for the jitter of ticks, without which what is read at every
   * second tick would come and go: what is older is dropped.
   */
  public long longestAgeNanos(Cadence cadence) {
    return cadence == Cadence.ONCE ? Long.MAX_VALUE : 2 * nanos(cadence) + fast.toNanos() / 2;
  }
}
