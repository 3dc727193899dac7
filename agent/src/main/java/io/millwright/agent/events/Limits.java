package io.millwright.agent.events;

import java.time.Duration;

/**
 * How much of the events is kept.
 *
 * @param bytes of all files together
 * @param age after which an event goes, whether the collector has it or not
 */
public record Limits(long bytes, Duration age) {
  /** 4 MiB, 14 days. */
  public static final Limits USUAL = new Limits(4L << 20, Duration.ofDays(14));

  /** At least so many, so that the oldest events go in small parts. */
  private static final int SEGMENTS = 16;

  /** A segment is read whole, in a heap of few MiB: more bytes are more segments. */
  private static final long LARGEST_SEGMENT = 256 << 10;

  private static final long SMALLEST = 4_096;

  public Limits {
    if (bytes < SEGMENTS * SMALLEST) {
      throw new IllegalArgumentException(
          "bytes of events: %d is refused; allowed is a whole number from %d"
              .formatted(bytes, SEGMENTS * SMALLEST));
    }
    if (age.isNegative() || age.isZero()) {
      throw new IllegalArgumentException(
          "age of events: %s is refused; allowed is a span of time above 0".formatted(age));
    }
  }

  long segment() {
    return Math.min(bytes / SEGMENTS, LARGEST_SEGMENT);
  }
}
