package io.millwright.agent.dialect;

import io.millwright.protocol.vocabulary.Series;
import java.util.HashMap;
import java.util.Map;

/**
 * Adds up what several counters grow by, so that their sum neither falls when one of them is gone
 * nor leaps when one comes. The thread that renders owns it.
 */
final class Tally {
  private final Map<Series, Counter> counters = new HashMap<>();
  private double total;

  private static final class Counter {
    private double last;

    Counter(double first) {
      this.last = first;
    }
  }

  /** A counter has this count now; one that was set back began at 0. */
  void now(Series series, double count) {
    Counter counter = counters.get(series);
    if (counter == null) {
      counters.put(series, new Counter(count));
      return;
    }
    total += count >= counter.last ? count - counter.last : count;
    counter.last = count;
  }

  /** Since each was first seen. */
  double total() {
    return total;
  }
}
