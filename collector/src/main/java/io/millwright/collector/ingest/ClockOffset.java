package io.millwright.collector.ingest;

import io.millwright.protocol.frames.Moment;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How far the other side's clocks are ahead, from the exchange with the shortest round trip of the
 * last eight, whose two halves differ least (as NTP does it, RFC 5905 section 10). An exchange that
 * says something else than the best one allows is the first after a wall clock was set, or after
 * one of the machines was suspended, and those before it say nothing any more.
 */
final class ClockOffset {
  private static final int KEPT = 8;
  private static final long NANOS_PER_MILLI = 1_000_000;

  /** More than two clocks that nobody sets drift apart within eight exchanges. */
  private static final long SET_MS = 500;

  private final Deque<Exchange> exchanges = new ArrayDeque<>(KEPT);

  /** Asked for with each sample. */
  private Optional<Exchange> best = Optional.empty();

  private record Exchange(long roundTripNanos, long offsetMs, long aheadNanos) {
    boolean contradicts(Exchange other) {
      long uncertain = (roundTripNanos + other.roundTripNanos) / 2 / NANOS_PER_MILLI;
      long slept = Math.abs(aheadNanos - other.aheadNanos) / NANOS_PER_MILLI;
      return Math.max(Math.abs(offsetMs - other.offsetMs), slept) > uncertain + SET_MS;
    }
  }

  /**
   * @param roundTripNanos from the ping to its answer
   * @param theirs when they answered, by their clocks
   * @param ours when the answer came, by ours
   */
  void exchanged(long roundTripNanos, Moment theirs, Moment ours) {
    long half = roundTripNanos / 2;
    Exchange next =
        new Exchange(
            roundTripNanos,
            theirs.wallMillis() - (ours.wallMillis() - half / NANOS_PER_MILLI),
            theirs.monotonicNanos() - (ours.monotonicNanos() - half));
    if (best.filter(next::contradicts).isPresent()) {
      exchanges.clear();
    }
    if (exchanges.size() == KEPT) {
      exchanges.removeFirst();
    }
    exchanges.addLast(next);
    best = exchanges.stream().min(Comparator.comparingLong(Exchange::roundTripNanos));
  }

  boolean known() {
    return !exchanges.isEmpty();
  }

  /** 0 before the first exchange. */
  long millis() {
    return best.map(Exchange::offsetMs).orElse(0L);
  }

  /** How far their monotonic clock is ahead of ours; empty before the first exchange. */
  OptionalLong aheadNanos() {
    return best.isPresent() ? OptionalLong.of(best.get().aheadNanos()) : OptionalLong.empty();
  }
}
