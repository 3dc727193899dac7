package io.millwright.agent.lane;

import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Periods;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.DoubleSupplier;

/**
 * Which cadences are due at a tick. One lane's own; all are due at first, and the medium and slow
 * ones then a part of their period sooner, so that lanes of different parts do them apart.
 */
final class Schedule {
  private final Periods periods;
  private final long slackNanos;
  private final DoubleSupplier part;
  private final Map<Cadence, Long> lastNanos = new EnumMap<>(Cadence.class);

  /** With nobody to keep apart from. */
  Schedule(Periods periods) {
    this(periods, () -> 0);
  }

  /**
   * @param part of a period by which the second round comes sooner, 0 to 1; asked at the first one
   */
  Schedule(Periods periods, DoubleSupplier part) {
    this.periods = periods;
    this.part = part;
    this.slackNanos = periods.fast().toNanos() / 2;
  }

  /** Everything is due again, as after a device was opened. */
  void restart() {
    lastNanos.clear();
  }

  /** This cadence is due again. */
  void restart(Cadence cadence) {
    lastNanos.remove(cadence);
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
    long sooner = last == null && cadence != Cadence.FAST ? phase(cadence) : 0;
    lastNanos.put(cadence, tickNanos - sooner);
    return true;
  }

  private long phase(Cadence cadence) {
    return (long) (part.getAsDouble() * (double) periods.nanos(cadence));
  }
}
