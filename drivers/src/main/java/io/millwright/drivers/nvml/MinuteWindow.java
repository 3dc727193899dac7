package io.millwright.drivers.nvml;

import java.util.Arrays;

/**
 * What a reading was over the last minute: lowest, highest, mean and how many samples, kept by the
 * second. Nothing is allocated after it is made. Owned by one lane.
 */
final class MinuteWindow {
  /** The window's length in seconds; the present one counts, begun as it is. */
  static final int SECONDS = 60;

  private static final int SLOTS = 64;
  private static final double NANOS = 1e9;

  private final long[] seconds = new long[SLOTS];
  private final double[] least = new double[SLOTS];
  private final double[] most = new double[SLOTS];
  private final double[] sums = new double[SLOTS];
  private final int[] counts = new int[SLOTS];
  private long now;

  MinuteWindow() {
    Arrays.fill(seconds, Long.MIN_VALUE);
  }

  /** Sets the monotonic time in nanoseconds; what left the window counts no more. */
  void at(long nanos) {
    now = Math.floorDiv(nanos, (long) NANOS);
  }

  /** One sample of now, in the reading's unit. */
  void add(double value) {
    int slot = (int) Math.floorMod(now, (long) SLOTS);
    if (seconds[slot] != now) {
      seconds[slot] = now;
      least[slot] = value;
      most[slot] = value;
      sums[slot] = 0;
      counts[slot] = 0;
    }
    least[slot] = Math.min(least[slot], value);
    most[slot] = Math.max(most[slot], value);
    sums[slot] += value;
    counts[slot]++;
  }

  /** Samples in the window. */
  int count() {
    int count = 0;
    for (int i = 0; i < SLOTS; i++) {
      count += within(i) ? counts[i] : 0;
    }
    return count;
  }

  /** Of a window that is not empty. */
  double least() {
    double lowest = Double.POSITIVE_INFINITY;
    for (int i = 0; i < SLOTS; i++) {
      lowest = within(i) ? Math.min(lowest, least[i]) : lowest;
    }
    return lowest;
  }

  /** Of a window that is not empty. */
  double most() {
    double highest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < SLOTS; i++) {
      highest = within(i) ? Math.max(highest, most[i]) : highest;
    }
    return highest;
  }

  /** Over the samples; of a window that is not empty. */
  double mean() {
    double sum = 0;
    for (int i = 0; i < SLOTS; i++) {
      sum += within(i) ? sums[i] : 0;
    }
    return sum / count();
  }

  private boolean within(int slot) {
    return seconds[slot] > now - SECONDS && seconds[slot] <= now;
  }
}
