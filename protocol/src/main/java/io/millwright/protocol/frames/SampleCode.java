package io.millwright.protocol.frames;

/** The numbers that stand for values in KEY and DELTA. */
final class SampleCode {
  /** The series has no value. */
  static final int ABSENT = 0;

  /** Eight bytes follow: the double's bits. */
  static final int RAW = 1;

  /** From here: the zigzag of the step from the last whole number. */
  private static final int STEPS = 2;

  private SampleCode() {}

  static long ofStep(long step) {
    return ((step << 1) ^ (step >> (Long.SIZE - 1))) + STEPS;
  }

  static long step(long code) {
    long zigzag = code - STEPS;
    return (zigzag >>> 1) ^ -(zigzag & 1);
  }

  /** Whether a step of this code can lead from one whole number to another. */
  static boolean possible(long code) {
    return code >= STEPS && code <= ofStep(-2 * DecimalScale.LARGEST) + 1;
  }

  static int bitmapBytes(int series) {
    return (series + Byte.SIZE - 1) / Byte.SIZE;
  }
}
