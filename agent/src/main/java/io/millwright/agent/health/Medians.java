package io.millwright.agent.health;

import java.time.Duration;
import java.util.Arrays;

/** The median of a figure within a window, from a bounded number of points. */
final class Medians {
  private static final int POINTS = 60;

  /** A longer gap than this part of the window begins it anew. */
  private static final int GAPS = 4;

  private final long windowNanos;
  private final long[] nanos = new long[POINTS + 2];
  private final double[] values = new double[POINTS + 2];
  private final double[] sorted = new double[POINTS + 2];
  private int count;
  private long sinceNanos;
  private long lastNanos;
  private double median = Double.NaN;

  Medians(Duration window) {
    this.windowNanos = window.toNanos();
  }

  /** What was seen says nothing any more. */
  void clear() {
    count = 0;
    median = Double.NaN;
  }

  /** Takes a figure in; the median, NaN until a whole window was seen. */
  double of(long now, double value) {
    if (count == 0 || now - lastNanos > windowNanos / GAPS) {
      clear();
      sinceNanos = now;
    }
    lastNanos = now;
    if (count == 0 || now - nanos[count - 1] >= windowNanos / POINTS) {
      add(now, value);
    }
    return now - sinceNanos < windowNanos ? Double.NaN : median;
  }

  private void add(long now, double value) {
    int old = 0;
    while (old < count && now - nanos[old] > windowNanos) {
      old++;
    }
    if (old > 0) {
      count -= old;
      System.arraycopy(nanos, old, nanos, 0, count);
      System.arraycopy(values, old, values, 0, count);
    }
    nanos[count] = now;
    values[count] = value;
    count++;
    System.arraycopy(values, 0, sorted, 0, count);
    Arrays.sort(sorted, 0, count);
    median = middle(sorted, count);
  }

  /**
   * Of so many sorted values, at least one; of an even number the mean of the two in the middle.
   */
  static double middle(double[] sorted, int count) {
    return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
  }
}
