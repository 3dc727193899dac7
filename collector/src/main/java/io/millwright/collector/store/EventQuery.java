package io.millwright.collector.store;

import java.util.Optional;

/**
 * Which events are wanted; a question looks at the first ten thousand of that node and kind.
 *
 * @param after only of a higher id
 * @param sinceMs only told since then
 * @param node only of this one
 * @param kind only of this one
 * @param most at most so many, from 1
 * @param newest whether those at the end are wanted where there are more; else those behind {@code
 *     after}
 */
public record EventQuery(
    long after,
    long sinceMs,
    Optional<String> node,
    Optional<String> kind,
    int most,
    boolean newest) {
  private static final int MOST = 10_000;

  public EventQuery {
    if (after < 0 || most < 1 || most > MOST) {
      throw new IllegalArgumentException(
          "events: after %d and at most %d are refused; allowed are from 0, and 1 to %d"
              .formatted(after, most, MOST));
    }
  }

  /** The same, behind this one, and so many. */
  public EventQuery from(long id, int left) {
    return new EventQuery(id, sinceMs, node, kind, left, newest);
  }

  /** All behind this one. */
  public static EventQuery behind(long after, int most) {
    return new EventQuery(after, Long.MIN_VALUE, Optional.empty(), Optional.empty(), most, false);
  }
}
