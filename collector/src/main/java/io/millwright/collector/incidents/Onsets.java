package io.millwright.collector.incidents;

import java.util.Collection;

/**
 * When the silences among some symptoms began, in order: what all of them would be looked through
 * for, of each of them, is found by halving. In a storm that is the difference between a second and
 * an hour. Immutable.
 */
final class Onsets {
  private final long[] ms;

  private Onsets(long[] ms) {
    this.ms = ms;
  }

  static Onsets of(Collection<Held> among) {
    return new Onsets(
        among.stream()
            .filter(held -> held.symptom().nature() == Nature.SILENCE)
            .mapToLong(held -> held.firstMs)
            .sorted()
            .toArray());
  }

  /** How many began at most so long before or after this time. */
  int near(long atMs, long windowMs) {
    return behind(atMs + windowMs) - behind(atMs - windowMs - 1);
  }

  /** Whether one that began at most so long before or after this time did so later than that. */
  boolean newer(long atMs, long windowMs, long thanMs) {
    int last = behind(atMs + windowMs) - 1;
    return last >= 0 && ms[last] >= atMs - windowMs && ms[last] > thanMs;
  }

  /** How many began at this time or before. */
  private int behind(long atMs) {
    int low = 0;
    int high = ms.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (ms[middle] <= atMs) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
