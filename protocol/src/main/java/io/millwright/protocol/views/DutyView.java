package io.millwright.protocol.views;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Whether people and policy let a node work; part of a {@link NodeView}.
 *
 * @param state {@code in-service}, {@code cordoned}, {@code draining}, {@code drained}, or where
 *     its equipment is not accepted {@code withheld}
 * @param reasons what withdraws it, people first
 * @param maintenance the window in which it is worked on now, or the next that is entered
 * @param overrides rules that are treated as ok on it; {@code *} is all of them
 */
public record DutyView(
    String state, List<Reason> reasons, Optional<Maintenance> maintenance, List<String> overrides) {

  /**
   * @param kind {@code cordon}, {@code drain} or {@code acceptance}
   * @param by who; {@code person} to those who may not see names
   * @param reason in his words; with a token of a viewer where it is a person's or of the
   *     acceptance
   * @param sinceMs of the acceptance when the equipment was last seen to be another; absent where
   *     it was never told
   * @param deadlineMs when runs that are left are stopped
   */
  public record Reason(
      String kind,
      String by,
      Optional<String> reason,
      OptionalLong sinceMs,
      OptionalLong deadlineMs) {}

  /** A window, and whether it is open now. */
  public record Maintenance(String id, boolean open, long startMs, long endMs) {}

  public DutyView {
    reasons = List.copyOf(reasons);
    overrides = List.copyOf(overrides);
  }
}
