package io.millwright.agent.uplink;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to stay away: full jitter under a bound that doubles, so that a fleet that lost its
 * collector at one moment does not come back at one moment.
 */
final class Backoff {
  private static final Duration FIRST = Duration.ofMillis(500);
  private static final Duration LONGEST = Duration.ofSeconds(30);

  private final RandomGenerator random;
  private Duration bound = FIRST;

  Backoff(RandomGenerator random) {
    this.random = random;
  }

  /** A session was opened: the next failure begins anew. */
  void restart() {
    bound = FIRST;
  }

  /**
   * The next pause.
   *
   * @param atLeast what the collector has asked for
   */
  Duration next(Duration atLeast) {
    long millis = 1 + (long) (random.nextDouble() * bound.toMillis());
    Duration doubled = bound.multipliedBy(2);
    bound = doubled.compareTo(LONGEST) < 0 ? doubled : LONGEST;
    return atLeast.plusMillis(millis);
  }
}
