package io.millwright.agent.health;

import io.millwright.protocol.health.Condition;
import java.time.Duration;

/**
 * How often a reading turned to what a rule looks for, within a window and as far as {@link
 * Condition#MOST_TURNS}. What is not seen begins no turn and ends none that was counted.
 */
final class Turns {
  private final long heldNanos;
  private final long windowNanos;
  private final long[] begun = new long[Condition.MOST_TURNS];
  private int first;
  private int count;
  private boolean seenOtherwise;
  private boolean standing;
  private boolean counted;
  private long sinceNanos;

  /**
   * @param held how long it must stand so before it is a turn
   */
  Turns(Duration held, Duration window) {
    this.heldNanos = held.toNanos();
    this.windowNanos = window.toNanos();
  }

  /** Takes in how it stands; how many turns began within the window. */
  int within(long nanos, boolean stands) {
    if (!stands) {
      seenOtherwise = true;
      standing = false;
    } else if (!standing && seenOtherwise) {
      standing = true;
      counted = false;
      sinceNanos = nanos;
    }
    if (standing && !counted && nanos - sinceNanos >= heldNanos) {
      counted = true;
      add(sinceNanos);
    }
    while (count > 0 && nanos - begun[first] > windowNanos) {
      first = (first + 1) % begun.length;
      count--;
    }
    return count;
  }

  /** It could not be read: what has not stood long enough begins to stand anew. */
  void unseen() {
    standing &= counted;
  }

  private void add(long nanos) {
    if (count == begun.length) {
      first = (first + 1) % begun.length;
      count--;
    }
    begun[(first + count) % begun.length] = nanos;
    count++;
  }
}
