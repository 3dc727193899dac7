package io.millwright.collector.operations;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How people and policy have a node stand.
 *
 * @param reasons what withdraws it, people first; none where it is in service
 * @param closing a window that is near enough to keep jobs away
 * @param window in which it is worked on now
 * @param overrides that hold for it now
 */
public record NodeMark(
    State state,
    List<Reason> reasons,
    Optional<Closing> closing,
    Optional<Window> window,
    List<ManualOverride> overrides) {
  public static final NodeMark IN_SERVICE =
      new NodeMark(State.IN_SERVICE, List.of(), Optional.empty(), Optional.empty(), List.of());

  /** Whether it takes work, and what becomes of the work that it has. */
  public enum State {
    IN_SERVICE,
    CORDONED,
    DRAINING,
    DRAINED;

    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * One thing that withdraws it.
   *
   * @param by a person, or {@code policy} or {@code maintenance}
   * @param deadlineMs when runs that are left are stopped
   * @param holds whether its cause is there now; the deadline of one that is not stops nothing
   */
  public record Reason(
      Order.Kind kind,
      String by,
      String words,
      long sinceMs,
      OptionalLong deadlineMs,
      boolean holds) {}

  /**
   * What comes.
   *
   * @param horizonMs so near no run without a time limit is begun
   */
  public record Closing(Window window, long leftMs, long horizonMs) {}

  public NodeMark {
    reasons = List.copyOf(reasons);
    overrides = List.copyOf(overrides);
  }

  /** As in {@code draining: policy, xid-reboot: Xid 79}; of one that is withdrawn. */
  public String words() {
    return reasons.isEmpty()
        ? state.word()
        : "%s: %s, %s".formatted(state.word(), reasons.getFirst().by(), reasons.getFirst().words());
  }
}
