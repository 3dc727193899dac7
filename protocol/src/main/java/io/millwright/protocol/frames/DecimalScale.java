package io.millwright.protocol.frames;

import io.millwright.protocol.vocabulary.Metric;
import java.util.Map;

/**
 * Values as whole numbers: value × 10^scale, used only where the value comes back bit by bit.
 *
 * <p>Both sides compute with the same three functions, so a number that looks like a decimal but is
 * not the double nearest to it (a product by 0.001 instead of a quotient by 1000) is never rounded:
 * it travels as it is, at nine bytes more.
 */
final class DecimalScale {
  static final int LEAST = -9;
  static final int MOST = 9;

  /** Up to here every whole number is a double of its own. */
  static final long LARGEST = 1L << 53;

  private static final double[] POWERS = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};

  /** Families that are read finer or coarser than their unit. */
  private static final Map<Metric, Integer> OWN =
      Map.of(
          Metric.ACCELERATOR_THROTTLE_SECONDS_TOTAL, 9,
          Metric.NODE_PRESSURE_STALL_SECONDS_TOTAL, 6,
          Metric.NODE_CLOCK_OFFSET_SECONDS, 9,
          Metric.AGENT_PROBE_DURATION_SECONDS, 9,
          Metric.NODE_LOAD_AVERAGE, 2);

  private DecimalScale() {}

  /** The scale at which most values of the family are whole. */
  static int of(Metric metric) {
    return OWN.getOrDefault(metric, ofUnit(metric));
  }

  private static int ofUnit(Metric metric) {
    return switch (metric.unit()) {
      case NONE, ONE, BOOL, BYTES, BYTES_PER_SECOND, LANES, RPM -> 0;
      case CELSIUS -> metric.scope() == Metric.Scope.ACCELERATOR ? 0 : 3;
      case HERTZ -> -6;
      case JOULES, WATTS, SECONDS -> 3;
      case RATIO -> 4;
    };
  }

  /** Whether {@link #value} of {@link #nearest} is this very double. */
  static boolean exact(double value, int scale) {
    long nearest = nearest(value, scale);
    return within(nearest)
        && Double.doubleToRawLongBits(value(nearest, scale)) == Double.doubleToRawLongBits(value);
  }

  /** The whole number that a later value is the difference to; 0 where there is none. */
  static long base(double value, int scale) {
    long nearest = nearest(value, scale);
    return within(nearest) ? nearest : 0;
  }

  static boolean within(long scaled) {
    return scaled >= -LARGEST && scaled <= LARGEST;
  }

  static long nearest(double value, int scale) {
    return (long) Math.rint(scale >= 0 ? value * POWERS[scale] : value / POWERS[-scale]);
  }

  static double value(long scaled, int scale) {
    return scale >= 0 ? scaled / POWERS[scale] : scaled * POWERS[-scale];
  }
}
