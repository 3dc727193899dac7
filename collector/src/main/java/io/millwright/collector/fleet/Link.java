package io.millwright.collector.fleet;

import java.time.Duration;
import java.util.Locale;

/** Whether a node is heard, by the arrival of its frames and by nothing it says itself. */
public enum Link {
  CONNECTED,
  /** Nothing came for some seconds, or its session ended a moment ago. */
  STALE,
  LOST;

  private static final long STALE_NANOS = Duration.ofSeconds(5).toNanos();
  private static final long LOST_NANOS = Duration.ofSeconds(30).toNanos();

  /** The word of REST and of {@code millwright_collector_nodes{link}}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * @param silentNanos since the last frame arrived
   * @param session whether a session is open
   */
  public static Link of(long silentNanos, boolean session) {
    if (silentNanos >= LOST_NANOS) {
      return LOST;
    }
    return session && silentNanos < STALE_NANOS ? CONNECTED : STALE;
  }
}
