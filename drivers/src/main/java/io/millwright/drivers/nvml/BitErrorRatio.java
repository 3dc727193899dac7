package io.millwright.drivers.nvml;

/**
 * A bit error ratio as the driver packs it: a mantissa of 4 bits from {@code
 * NVML_NVLINK_BER_MANTISSA_SHIFT} on, and in the 8 bits below it the exponent of ten, without its
 * minus. A link without an error says the least there is, 15e-255.
 */
final class BitErrorRatio {
  static final int MANTISSA_SHIFT = 8;
  static final int MANTISSA_MASK = 0xF;
  static final int EXPONENT_MASK = 0xFF;

  /** 10 to the minus index; the last ones are beyond what a normal power could say exactly. */
  private static final double[] TENTHS = new double[EXPONENT_MASK + 1];

  static {
    for (int exponent = 0; exponent < TENTHS.length; exponent++) {
      TENTHS[exponent] = Double.parseDouble("1e-" + exponent);
    }
  }

  private BitErrorRatio() {}

  /** Errors a bit; bits above the packed ones mean nothing yet. */
  static double of(double packed) {
    int word = (int) (long) packed;
    int mantissa = word >> MANTISSA_SHIFT & MANTISSA_MASK;
    return mantissa * TENTHS[word & EXPONENT_MASK];
  }
}
