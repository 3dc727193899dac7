package io.millwright.protocol.exposition;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Bytes of a page under construction. It grows to the largest page written to it and stays there.
 *
 * <p><i>Lifecycle:</i> {@link #clear()} before each page. <i>Threading:</i> one owner thread.
 * <i>Failure:</i> none but the heap's end.
 */
public final class PageBuffer {
  private static final long LARGEST_EXACT = 1L << 53;
  private static final double LARGEST_SCALED = 1e15;
  private static final int LONGEST_NUMBER = 20;
  private static final double MILLION = 1e6;

  private byte[] bytes;
  private int length;

  public PageBuffer(int initialCapacity) {
    bytes = new byte[initialCapacity];
  }

  /** Forgets what was written and keeps the room. */
  public void clear() {
    length = 0;
  }

  public int length() {
    return length;
  }

  /** A copy of what was written. */
  public byte[] toByteArray() {
    return Arrays.copyOf(bytes, length);
  }

  /** What was written, in place and not to be written to; valid until the next change. */
  public ByteBuffer written() {
    return ByteBuffer.wrap(bytes, 0, length).asReadOnlyBuffer();
  }

  public void append(byte[] text) {
    reserve(text.length);
    System.arraycopy(text, 0, bytes, length, text.length);
    length += text.length;
  }

  /** Appends UTF-8. */
  public void append(String text) {
    append(text.getBytes(StandardCharsets.UTF_8));
  }

  /** One byte of ASCII. */
  public void append(char ascii) {
    reserve(1);
    bytes[length++] = (byte) ascii;
  }

  /**
   * A sample's value as both formats spell it. Whole numbers and those of up to three decimals
   * (watts of milliwatts, ratios of percents) are written in place; the rest goes the way of {@link
   * Double#toString(double)}, which is the shortest text that reads back as the same number.
   */
  public void append(double value) {
    double thousandfold = Math.rint(value * 1000);
    if (value == (long) value && Math.abs(value) <= LARGEST_EXACT) {
      appendWhole((long) value);
    } else if (Math.abs(thousandfold) < LARGEST_SCALED && thousandfold / 1000 == value) {
      appendThousandths((long) thousandfold);
    } else if (Double.isInfinite(value)) {
      append(value > 0 ? "+Inf" : "-Inf");
    } else {
      append(Double.toString(value));
    }
  }

  /**
   * Both operands of {@code thousandths / 1000} are exact, so the division that the caller checked
   * is the correctly rounded value of this text.
   */
  private void appendThousandths(long thousandths) {
    if (thousandths < 0) {
      append('-');
    }
    long rest = Math.abs(thousandths);
    appendWhole(rest / 1000);
    append('.');
    for (int decimals = (int) (rest % 1000), place = 100;
        decimals > 0;
        decimals %= place, place /= 10) {
      append((char) ('0' + decimals / place));
    }
  }

  /**
   * A number with six decimals, as C's {@code %f}: the nearest to the exact value, halves to the
   * even neighbour.
   */
  public void appendDecimal(double value) {
    double millionfold = value * MILLION;
    if (!Double.isFinite(value)) {
      append(value);
    } else if (Math.abs(millionfold) < LARGEST_SCALED) {
      appendMillionths((long) nearest(value, millionfold));
    } else {
      append(new BigDecimal(value).setScale(6, RoundingMode.HALF_EVEN).toPlainString());
    }
  }

  /** What the product lost when it was rounded decides where it seems to lie half-way. */
  private static double nearest(double value, double millionfold) {
    double whole = Math.rint(millionfold);
    double lost = Math.fma(value, MILLION, -millionfold);
    double off = millionfold - whole;
    if (off == 0.5 && lost > 0) {
      return whole + 1;
    }
    return off == -0.5 && lost < 0 ? whole - 1 : whole;
  }

  private void appendMillionths(long millionths) {
    if (millionths < 0) {
      append('-');
    }
    long rest = Math.abs(millionths);
    appendWhole(rest / 1_000_000);
    append('.');
    for (int decimals = (int) (rest % 1_000_000), place = 100_000;
        place > 0;
        decimals %= place, place /= 10) {
      append((char) ('0' + decimals / place));
    }
  }

  /** A whole number, all its digits. */
  public void appendWhole(long value) {
    reserve(LONGEST_NUMBER);
    if (value < 0) {
      bytes[length++] = '-';
    }
    long rest = Math.abs(value);
    int end = length + digits(rest);
    length = end;
    do {
      bytes[--end] = (byte) ('0' + rest % 10);
      rest /= 10;
    } while (rest > 0);
  }

  private static int digits(long value) {
    int digits = 1;
    for (long rest = value; rest >= 10; rest /= 10) {
      digits++;
    }
    return digits;
  }

  private void reserve(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }
}
