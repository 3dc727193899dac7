package io.millwright.agent.health;

import java.time.Duration;
import java.util.Arrays;

/** How much a counter grew within a window, from a bounded number of points. */
final class Growth {
  private static final int POINTS = 60;
  private static final int FIRST_ROOM = 8;

  private final long windowNanos;
  private long[] nanos = new long[FIRST_ROOM];
  private double[] values = new double[FIRST_ROOM];
  private int first;
  private int count;

  Growth(Duration window) {
    this.windowNanos = window.toNanos();
  }

  /** Takes a reading in; a counter that went back begins anew. */
  double within(long now, double value) {
    if (count > 0 && value < values[at(count - 1)]) {
      count = 0;
    }
    if (count == 0 || now - nanos[at(count - 1)] >= windowNanos / POINTS) {
      add(now, value);
    }
    while (count > 1 && now - nanos[first] > windowNanos) {
      first = at(1);
      count--;
    }
    return value - values[first];
  }

  /** There are at most two points more than {@link #POINTS}: the room ends to grow at 64. */
  private void add(long now, double value) {
    if (count == nanos.length) {
      enlarge();
    }
    nanos[at(count)] = now;
    values[at(count)] = value;
    count++;
  }

  private void enlarge() {
    long[] times = Arrays.copyOf(nanos, 2 * count);
    double[] figures = Arrays.copyOf(values, 2 * count);
    for (int i = 0; i < count; i++) {
      times[i] = nanos[at(i)];
      figures[i] = values[at(i)];
    }
    nanos = times;
    values = figures;
    first = 0;
  }

  private int at(int place) {
    return (first + place) % nanos.length;
  }
}
