package io.millwright.agent.health;

import java.time.Duration;

/**
 * One rule held against one thing over time: it must hold for a while before it speaks, and be over
 * for a while before it is silent. What is not seen begins nothing and ends nothing.
 */
final class Track {
  private boolean holding;
  private long heldSinceNanos;
  private long heldSinceMs;
  private boolean ending;
  private long endingSinceNanos;
  private boolean speaking;
  private String observed = "";

  /** What a look at it gave. */
  enum Look {
    YES,
    NO,
    UNSEEN;

    static Look of(boolean holds) {
      return holds ? YES : NO;
    }

    /** What is not seen is not seen to be otherwise either. */
    Look opposite() {
      return this == UNSEEN ? UNSEEN : of(this == NO);
    }
  }

  /** It spoke when the agent ended: it speaks until it is seen to be over. */
  void stood(long sinceMs, String words) {
    speaking = true;
    heldSinceMs = sinceMs;
    observed = words;
  }

  boolean speaks() {
    return speaking;
  }

  /** When it began to hold. */
  long sinceMs() {
    return heldSinceMs;
  }

  /** What is seen while it holds. */
  void observed(String words) {
    observed = words;
  }

  String observed() {
    return observed;
  }

  /**
   * @param holds whether the condition holds
   * @param over whether what ends it holds
   */
  void step(Look holds, Look over, Duration held, Duration ended, long nanos, long wallMs) {
    if (speaking) {
      end(over, ended, nanos);
    } else {
      begin(holds, held, nanos, wallMs);
    }
  }

  private void begin(Look holds, Duration held, long nanos, long wallMs) {
    if (holds != Look.YES) {
      holding = false;
      return;
    }
    if (!holding) {
      holding = true;
      heldSinceNanos = nanos;
      heldSinceMs = wallMs;
    }
    if (nanos - heldSinceNanos >= held.toNanos()) {
      speaking = true;
      ending = false;
    }
  }

  private void end(Look over, Duration ended, long nanos) {
    if (over != Look.YES) {
      ending = false;
      return;
    }
    if (!ending) {
      ending = true;
      endingSinceNanos = nanos;
    }
    if (nanos - endingSinceNanos >= ended.toNanos()) {
      speaking = false;
      holding = false;
    }
  }
}
