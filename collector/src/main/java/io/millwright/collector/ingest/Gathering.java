package io.millwright.collector.ingest;

import io.millwright.protocol.clock.Clock;
import io.netty.channel.SelectStrategy;
import java.time.Duration;
import java.util.function.IntSupplier;

/**
 * Lets what a large fleet sends gather for a moment before it is read, so that one look at the
 * kernel finds many sessions: a wake for each frame costs more than the frame.
 *
 * <p>The moment grows with the sessions that are open, to ten milliseconds of ten thousand; few
 * sessions do not wait. <i>Threading:</i> the thread {@code ingest}.
 */
final class Gathering implements SelectStrategy {
  private static final long NANOS_A_SESSION = 1000;
  private static final Duration LEAST = Duration.ofNanos(500_000);
  private static final Duration MOST = Duration.ofMillis(10);

  private final IntSupplier sessions;
  private final Clock clock;
  private long lookedNanos;

  /**
   * @param sessions how many are open
   */
  Gathering(IntSupplier sessions, Clock clock) {
    this.sessions = sessions;
    this.clock = clock;
    this.lookedNanos = clock.nanos();
  }

  /** How long what comes gathers with so many sessions, ns. */
  static long gathered(int sessions) {
    long nanos = Math.min(MOST.toNanos(), sessions * NANOS_A_SESSION);
    return nanos < LEAST.toNanos() ? 0 : nanos;
  }

  @Override
  public int calculateStrategy(io.netty.util.IntSupplier ready, boolean hasTasks) throws Exception {
    long gathered = gathered(sessions.getAsInt());
    if (gathered > 0) {
      clock.parkUntil(lookedNanos + gathered);
    }
    lookedNanos = clock.nanos();
    return hasTasks ? ready.get() : SelectStrategy.SELECT;
  }
}
