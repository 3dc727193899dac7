package io.millwright.collector.operations;

import java.util.OptionalLong;

/**
 * A time in which people work on a part of the site. A hold is one that begins at once.
 *
 * @param id as in {@code m7}
 * @param owner who answers for it
 * @param startMs wall clock of the collector
 * @param endMs when it ends by itself
 * @param drainAheadMs so long before the start nodes begin to be drained, and runs that are left
 *     are stopped at the start; empty where runs may go on
 * @param by who entered it
 * @param endedMs when somebody ended it before its time
 */
public record Window(
    String id,
    Area area,
    String owner,
    String reason,
    long startMs,
    long endMs,
    OptionalLong drainAheadMs,
    String by,
    OptionalLong endedMs) {

  /** Where in its time it is. */
  public enum Phase {
    PLANNED,
    OPEN,
    ENDED
  }

  public Phase phase(long nowMs) {
    if (endedMs.isPresent() || nowMs >= endMs) {
      return Phase.ENDED;
    }
    return nowMs < startMs ? Phase.PLANNED : Phase.OPEN;
  }

  /** Whether its nodes are being drained, ahead of it or during it. */
  boolean drains(long nowMs) {
    return drainAheadMs.isPresent()
        && phase(nowMs) != Phase.ENDED
        && nowMs >= startMs - drainAheadMs.getAsLong();
  }

  Window ended(long atMs) {
    return new Window(
        id, area, owner, reason, startMs, endMs, drainAheadMs, by, OptionalLong.of(atMs));
  }

  /** As in {@code maintenance m7 of rack r1 (anna): new pumps}. */
  public String words() {
    return "maintenance %s of %s (%s): %s".formatted(id, area.words(), owner, reason);
  }
}
