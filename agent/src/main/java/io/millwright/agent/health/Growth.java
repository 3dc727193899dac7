package io.millwright.agent.health;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** How much a counter grew within a window, from a bounded number of points. */
final class Growth {
  private static final int POINTS = 60;

  private final long windowNanos;
  private final Deque<Point> points = new ArrayDeque<>();

  private record Point(long nanos, double value) {}

  Growth(Duration window) {
    this.windowNanos = window.toNanos();
  }

  /** Takes a reading in; a counter that went back begins anew. */
  double within(long nanos, double value) {
    if (!points.isEmpty() && value < points.getLast().value()) {
      points.clear();
    }
    if (points.isEmpty() || nanos - points.getLast().nanos() >= windowNanos / POINTS) {
      points.addLast(new Point(nanos, value));
    }
    while (points.size() > 1 && nanos - points.getFirst().nanos() > windowNanos) {
      points.removeFirst();
    }
    return value - points.getFirst().value();
  }
}
