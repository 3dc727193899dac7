package io.millwright.collector.placement;

/** What is known of an accelerator's health. */
public sealed interface Condition {

  /** It was observed, and nothing speaks against it. */
  record Fit() implements Condition {}

  /**
   * Nothing is placed on it.
   *
   * @param reason in words for people, as in {@code Xid 79}
   */
  record Unfit(String reason) implements Condition {}

  /** It was not observed; nothing is placed on it. */
  record Unknown() implements Condition {}
}
