package io.millwright.protocol.vocabulary;

/**
 * The last value of each series of a table, as primitive arrays: writing allocates nothing.
 *
 * <p><i>Threading:</i> one owner thread writes; others get a {@link Sample} by {@link #sample()}.
 */
public final class Readings {
  private final SeriesTable table;
  private final double[] values;
  private final byte[] states;
  private final long[] readAtNanos;
  private final byte[] paces;
  private long nowNanos;

  /** All series of the table, none read yet. */
  public Readings(SeriesTable table) {
    this.table = table;
    this.values = new double[table.size()];
    this.states = new byte[table.size()];
    this.readAtNanos = new long[table.size()];
    this.paces = new byte[table.size()];
  }

  /**
   * All series of a table that begins with the same ones as another's: those go on as they are, and
   * so does each further one that both tables have.
   *
   * @param same how many the first ones are
   */
  public static Readings continued(SeriesTable table, Readings before, int same) {
    Readings next = new Readings(table);
    System.arraycopy(before.values, 0, next.values, 0, same);
    System.arraycopy(before.states, 0, next.states, 0, same);
    System.arraycopy(before.readAtNanos, 0, next.readAtNanos, 0, same);
    System.arraycopy(before.paces, 0, next.paces, 0, same);
    next.nowNanos = before.nowNanos;
    for (int i = same; i < table.size(); i++) {
      next.goOn(i, before, same);
    }
    return next;
  }

  private void goOn(int index, Readings before, int first) {
    for (int i = first; i < before.table.size(); i++) {
      if (before.table.series(i).equals(table.series(index))) {
        values[index] = before.values[i];
        states[index] = before.states[i];
        readAtNanos[index] = before.readAtNanos[i];
        paces[index] = before.paces[i];
        return;
      }
    }
  }

  public SeriesTable table() {
    return table;
  }

  /** Sets the monotonic time, in nanoseconds, at which what is written next was read. */
  public void at(long nanos) {
    nowNanos = nanos;
  }

  /** A value in the metric's base unit. */
  public void measured(int index, double value) {
    values[index] = value;
    states[index] = Sample.MEASURED;
    paces[index] = Sample.OWN_PACE;
    readAtNanos[index] = nowNanos;
  }

  /** The device does not have this. */
  public void unsupported(int index) {
    states[index] = Sample.UNSUPPORTED;
    readAtNanos[index] = nowNanos;
  }

  /** The device has this, but it could not be read now. */
  public void unavailable(int index, Fault fault) {
    states[index] = fault.state();
    readAtNanos[index] = nowNanos;
  }

  /**
   * Not read now, because it is read at a slower cadence than its own for a while: the last value
   * stands, and grows old by that cadence.
   */
  public void resting(int index, Cadence slower) {
    paces[index] = Sample.pace(slower);
  }

  /**
   * All that a source has which is gone, whatever was wrong with it before; what was read once
   * stays, and what it does not have it still has not.
   */
  public void allUnavailable(Fault fault) {
    for (int i = 0; i < states.length; i++) {
      if (states[i] != Sample.UNSUPPORTED && table.cadence(i) != Cadence.ONCE) {
        unavailable(i, fault);
      }
    }
  }

  /** An immutable copy of everything written so far. */
  public Sample sample() {
    return new Sample(table, values.clone(), states.clone(), readAtNanos.clone(), paces.clone());
  }
}
