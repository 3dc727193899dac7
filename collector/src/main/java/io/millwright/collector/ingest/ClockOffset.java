package io.millwright.collector.ingest;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;

/**
 * How far the other side's wall clock is ahead, from the exchange with the shortest round trip of
 * the last eight, whose two halves differ least (as NTP does it, RFC 5905 section 10).
 */
final class ClockOffset {
  private static final int KEPT = 8;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final Deque<Exchange> exchanges = new ArrayDeque<>(KEPT);

  private record Exchange(long roundTripNanos, long offsetMs) {}

  /**
   * @param roundTripNanos from the ping to its answer
   * @param theirWallMs when they answered, by their clock
   * @param ourWallMs when the answer came, by ours
   */
  void exchanged(long roundTripNanos, long theirWallMs, long ourWallMs) {
    if (exchanges.size() == KEPT) {
      exchanges.removeFirst();
    }
    long halfway = ourWallMs - roundTripNanos / 2 / NANOS_PER_MILLI;
    exchanges.addLast(new Exchange(roundTripNanos, theirWallMs - halfway));
  }

  boolean known() {
    return !exchanges.isEmpty();
  }

  /** 0 before the first exchange. */
  long millis() {
    return exchanges.stream()
        .min(Comparator.comparingLong(Exchange::roundTripNanos))
        .map(Exchange::offsetMs)
        .orElse(0L);
  }
}
