package io.millwright.agent.dialect;

/** Makes a rate of a counter that is looked at now and then. The thread that renders owns it. */
final class Growth {
  private static final double NANOS = 1e9;

  private double counted = Double.NaN;
  private long atNanos;
  private double rate = Double.NaN;

  /**
   * The growth a second between the last two readings that were shown to this; NaN before the
   * second one, where the counter was set back, and where there is no reading.
   *
   * @param count NaN where it could not be read
   * @param readAtNanos monotonic time of the reading
   */
  double rate(double count, long readAtNanos) {
    if (Double.isNaN(count)) {
      return Double.NaN;
    }
    if (Double.isNaN(counted)) {
      remember(count, readAtNanos, Double.NaN);
    } else if (readAtNanos != atNanos) {
      double growth = (count - counted) / (readAtNanos - atNanos) * NANOS;
      remember(count, readAtNanos, growth >= 0 ? growth : Double.NaN);
    }
    return rate;
  }

  private void remember(double count, long readAtNanos, double now) {
    counted = count;
    atNanos = readAtNanos;
    rate = now;
  }
}
