package io.millwright.collector.placement;

/** Whether people let a node take new work. */
public sealed interface Duty {
  record InService() implements Duty {}

  /**
   * No new work.
   *
   * @param reason what the operator gave; may be empty
   */
  record Cordoned(String reason) implements Duty {}

  /**
   * The node itself takes none.
   *
   * @param why in words
   */
  record Declining(String why) implements Duty {}
}
