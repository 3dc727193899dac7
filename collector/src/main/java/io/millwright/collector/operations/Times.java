package io.millwright.collector.operations;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Times in sentences. */
final class Times {
  private Times() {}

  /** As in {@code 2026-11-22T15:00:00Z}. */
  static String words(long wallMs) {
    return Instant.ofEpochMilli(wallMs).truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /** As in {@code 3 h 20 min}. */
  static String span(long ms) {
    Duration span = Duration.ofMillis(Math.max(0, ms));
    if (span.toHours() > 0) {
      return span.toMinutesPart() == 0
          ? span.toHours() + " h"
          : "%d h %d min".formatted(span.toHours(), span.toMinutesPart());
    }
    return span.toMinutes() > 0 ? span.toMinutes() + " min" : span.toSeconds() + " s";
  }
}
