package io.millwright.collector.placement;

import java.time.Duration;

/** Whether a node is in touch. */
public sealed interface Presence {
  record Connected() implements Presence {}

  /**
   * It was in touch.
   *
   * @param since how long ago it was last heard
   */
  record Lost(Duration since) implements Presence {}

  /** It was never heard by this collector. */
  record Unseen() implements Presence {}

  /** It has just come back, and has not said yet what it holds and sees. */
  record Returning() implements Presence {}
}
