package io.millwright.collector.downlink;

/** Whether a node can be given jobs now. */
public sealed interface Standing {

  /** It has said what it holds, and takes more. */
  record Ready() implements Standing {}

  /** No session, or one in which it has not said yet what it holds. */
  record Away() implements Standing {}

  /**
   * It is there and takes no new jobs.
   *
   * @param why in words, as in {@code has no policy}
   */
  record Declines(String why) implements Standing {}
}
