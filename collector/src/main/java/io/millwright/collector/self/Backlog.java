package io.millwright.collector.self;

import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * A queue of the collector as it is now.
 *
 * @param queue its name in the metrics, as in {@code store}
 * @param length entries that wait
 * @param capacity the most that may wait; empty where the number of nodes bounds it
 * @param lagSeconds how long the oldest waits, or whoever empties it takes; empty where nobody
 *     knows
 * @param drops what was not taken in, by reason, since the start
 */
public record Backlog(
    String queue, long length, OptionalLong capacity, OptionalDouble lagSeconds, List<Drop> drops) {
  public Backlog {
    drops = List.copyOf(drops);
  }

  /** Entries of one reason. */
  public record Drop(String reason, long entries) {}

  /** One that is bounded and from which nothing is dropped: who brings more waits. */
  public static Backlog waiting(String queue, long length, long capacity) {
    return new Backlog(queue, length, OptionalLong.of(capacity), OptionalDouble.empty(), List.of());
  }

  /** One that is bounded and refuses what is beyond. */
  public static Backlog refusing(
      String queue, long length, long capacity, String reason, long refused) {
    return new Backlog(
        queue,
        length,
        OptionalLong.of(capacity),
        OptionalDouble.empty(),
        List.of(new Drop(reason, refused)));
  }

  /** How full it is, from 0 to 1; 0 where nobody knows. */
  double fill() {
    return capacity.isPresent() ? Math.min(1, (double) length / capacity.getAsLong()) : 0;
  }
}
