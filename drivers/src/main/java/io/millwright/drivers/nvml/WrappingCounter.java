package io.millwright.drivers.nvml;

/**
 * The total behind a counter of bytes that begins anew when it is full.
 *
 * <p>The header says of the fields 197 and 198 that they wrap, and not where; what has been seen of
 * them stays below 2^32. So a value that falls from below 2^32 has passed that once, and one that
 * falls from above was cleared. Between two readings one passage can be told and no more: at 1 Hz
 * totals are right up to 4.29 GB/s and a lower bound beyond.
 *
 * <p><i>Threading:</i> its lane's. <i>Lifecycle:</i> one for each opening of the device: a reset or
 * a reloaded driver begins the total anew, as it does the counter.
 */
final class WrappingCounter {
  private static final double FULL = 0x1p32;

  private boolean begun;
  private double before;
  private double total;

  /** The total in bytes, after the counter said this. */
  double total(double raw) {
    total += begun ? passed(raw) : raw;
    begun = true;
    before = raw;
    return total;
  }

  private double passed(double raw) {
    if (raw >= before) {
      return raw - before;
    }
    return before < FULL ? raw + (FULL - before) : raw;
  }
}
