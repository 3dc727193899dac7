package io.millwright.collector.placement;

import java.time.Duration;

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
   * No new work, for longer than a cordon says.
   *
   * @param words as in {@code draining: policy, xid-reboot}
   */
  record Withdrawn(String words) implements Duty {}

  /**
   * In service until people work on it.
   *
   * @param left until that begins
   * @param near whether it is so near that no job without a time limit is begun
   * @param what as in {@code maintenance m7 of rack r1}
   */
  record Closing(Duration left, boolean near, String what) implements Duty {}

  /**
   * The node itself takes none.
   *
   * @param why in words
   */
  record Declining(String why) implements Duty {}
}
