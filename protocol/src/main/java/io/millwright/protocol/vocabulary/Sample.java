package io.millwright.protocol.vocabulary;

import java.util.function.Consumer;

/**
 * One immutable copy of a source's readings. A series that was never read, that the device does not
 * have, or that could not be read is not measured and is shown nowhere.
 */
public final class Sample implements Readout {
  static final byte UNSUPPORTED = 0;
  static final byte MEASURED = 1;

  /** Read at the cadence of the table. */
  static final byte OWN_PACE = 0;

  private final SeriesTable table;
  private final double[] values;
  private final byte[] states;
  private final long[] readAtNanos;
  private final byte[] paces;

  Sample(SeriesTable table, double[] values, byte[] states, long[] readAtNanos, byte[] paces) {
    this.table = table;
    this.values = values;
    this.states = states;
    this.readAtNanos = readAtNanos;
    this.paces = paces;
  }

  /** The mark of a series that is read at this cadence instead of its own. */
  static byte pace(Cadence cadence) {
    return switch (cadence) {
      case FAST -> 1;
      case MEDIUM -> 2;
      case SLOW -> 3;
      case ONCE -> 4;
    };
  }

  private Cadence cadence(int index) {
    return switch (paces[index]) {
      case 1 -> Cadence.FAST;
      case 2 -> Cadence.MEDIUM;
      case 3 -> Cadence.SLOW;
      case 4 -> Cadence.ONCE;
      default -> table.cadence(index);
    };
  }

  @Override
  public SeriesTable table() {
    return table;
  }

  @Override
  public boolean measured(int index) {
    return states[index] == MEASURED;
  }

  /** Whether the device does not have it, or it was never read. */
  public boolean unsupported(int index) {
    return states[index] == UNSUPPORTED;
  }

  @Override
  public double value(int index) {
    return values[index];
  }

  /** Monotonic time of the last attempt, nanoseconds of the clock that the source was given. */
  public long readAtNanos(int index) {
    return readAtNanos[index];
  }

  @Override
  public Reading reading(int index) {
    byte state = states[index];
    if (state == MEASURED) {
      return new Reading.Measured(values[index]);
    }
    return state == UNSUPPORTED
        ? new Reading.Unsupported()
        : new Reading.Unavailable(Fault.ofState(state));
  }

  @Override
  public long takenNanos() {
    long newest = 0;
    for (int i = 0; i < readAtNanos.length; i++) {
      newest = i == 0 ? readAtNanos[i] : Math.max(newest, readAtNanos[i]);
    }
    return newest;
  }

  @Override
  public void atOneMoment(Consumer<Readout> look) {
    look.accept(this);
  }

  /** This one. */
  @Override
  public Sample sample() {
    return this;
  }

  /**
   * This sample as of now: what is older than two of its periods is unavailable by time-out.
   * Returns this instance where nothing is.
   *
   * @param nowNanos monotonic time of the same clock the readings were stamped with
   */
  public Sample aged(long nowNanos, Periods periods) {
    byte[] aged = null;
    for (int i = 0; i < states.length; i++) {
      if (states[i] == MEASURED
          && nowNanos - readAtNanos[i] > periods.longestAgeNanos(cadence(i))) {
        aged = aged == null ? states.clone() : aged;
        aged[i] = Fault.TIMEOUT.state();
      }
    }
    return aged == null ? this : new Sample(table, values, aged, readAtNanos, paces);
  }
}
