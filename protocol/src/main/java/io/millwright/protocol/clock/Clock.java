package io.millwright.protocol.clock;

import java.time.Instant;

/** The one door to time: monotonic for ages and deadlines, wall for what people read. */
public interface Clock {

  /** Monotonic nanoseconds of an arbitrary origin; never 0. */
  long nanos();

  /** The wall clock. */
  Instant wall();

  /**
   * Waits until {@link #nanos()} has reached the given time, the thread was unparked, or it was
   * interrupted; may return early for no reason.
   */
  void parkUntil(long nanos);

  /** The machine's own clock. */
  static Clock system() {
    return SystemClock.INSTANCE;
  }
}
