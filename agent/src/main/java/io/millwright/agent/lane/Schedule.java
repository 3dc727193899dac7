package io.millwright.agent.lane;

import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Periods;
import java.util.EnumMap;
import java.util.Map;

/** Which cadences are due at a tick. One lane's own; all are due at first. */
final class Schedule {
  private final Periods periods;
  private final long slackNanos;
  private final Map<Cadence, Long> lastNanos = new EnumMap<>(Cadence.class);

  Schedule(Periods periods) {
    this.periods = periods;
    this.slackNanos = periods.fast().toNanos() / 2;
  }

  /** Everything is due again, as after a device was opened. */
  void restart() {
    lastNanos.clear();
  }

  /**
   * Whether this cadence is due at a tick, and if so, that it was done. The fast one is due at each
   * tick, also at one before its time; for the others a tick that comes up to half a fast period
   * early still counts.
   */
  boolean take(Cadence cadence, long tickNanos) {
    Long last = lastNanos.get(cadence);
    if (cadence != Cadence.FAST
        && last != null
        && tickNanos - last < periods.nanos(cadence) - slackNanos) {
      return false;
    }
    lastNanos.put(cadence, tickNanos);
    return true;
  }
}
