package io.millwright.protocol.frames;

import java.util.Arrays;

/**
 * One value or absence for each series of a schema, in its order.
 *
 * <p><i>Threading:</i> one owner thread; who hands it over hands over a {@link #copy()}.
 */
public final class Row {
  private final double[] values;
  private final long[] present;

  /** All absent. */
  public Row(int size) {
    values = new double[size];
    present = new long[(size + Long.SIZE - 1) / Long.SIZE];
  }

  private Row(Row other) {
    values = other.values.clone();
    present = other.present.clone();
  }

  public int size() {
    return values.length;
  }

  public void set(int index, double value) {
    values[index] = value;
    present[index >> 6] |= 1L << index;
  }

  public void clear(int index) {
    values[index] = 0;
    present[index >> 6] &= ~(1L << index);
  }

  /** All are absent. */
  public void clear() {
    Arrays.fill(values, 0);
    Arrays.fill(present, 0);
  }

  public boolean present(int index) {
    return (present[index >> 6] & 1L << index) != 0;
  }

  /** The value in base units; meaningless unless {@link #present}. */
  public double value(int index) {
    return values[index];
  }

  /** All that another row of the same size has. */
  public void take(Row other) {
    System.arraycopy(other.values, 0, values, 0, values.length);
    System.arraycopy(other.present, 0, present, 0, present.length);
  }

  public Row copy() {
    return new Row(this);
  }

  boolean same(int index, Row other) {
    return present(index) == other.present(index)
        && Double.doubleToRawLongBits(values[index])
            == Double.doubleToRawLongBits(other.values[index]);
  }

  void take(int index, Row other) {
    if (other.present(index)) {
      set(index, other.values[index]);
    } else {
      clear(index);
    }
  }

  /** By presence and the values' bits: 0 and -0 differ. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Row that
        && Arrays.equals(present, that.present)
        && sameBits(values, that.values);
  }

  private static boolean sameBits(double[] left, double[] right) {
    for (int i = 0; i < Math.min(left.length, right.length); i++) {
      if (Double.doubleToRawLongBits(left[i]) != Double.doubleToRawLongBits(right[i])) {
        return false;
      }
    }
    return left.length == right.length;
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values) * 31 + Arrays.hashCode(present);
  }

  @Override
  public String toString() {
    return values.length + " series";
  }
}
