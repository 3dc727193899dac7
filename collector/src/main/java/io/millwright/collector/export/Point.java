package io.millwright.collector.export;

/**
 * One sample of one series on its way into a request.
 *
 * @param key what a request says of the series, as {@link Encoding#key} made it
 * @param bits of the value as a double; {@link #STALE} where the series has ended
 * @param wallMs when it was taken, in wall milliseconds
 * @param sinceMs since when a counter has counted, in wall milliseconds; 0 where nobody knows
 */
@SuppressWarnings("ArrayRecordComponent") // bytes that nobody compares
record Point(byte[] key, long bits, long wallMs, long sinceMs) {
  /** What says to Prometheus that a series has ended; no reading has these bits. */
  static final long STALE = 0x7ff0000000000002L;

  boolean stale() {
    return bits == STALE;
  }
}
