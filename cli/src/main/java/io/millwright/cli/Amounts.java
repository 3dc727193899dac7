package io.millwright.cli;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** Amounts as people read them, without a blank; empty for what is not known. */
final class Amounts {
  private static final String[] LARGE = {"", "k", "M", "G", "T", "P"};
  private static final String[] BINARY = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  private static final long SECOND_MS = 1000;
  private static final long MINUTE_MS = 60 * SECOND_MS;
  private static final long HOUR_MS = 60 * MINUTE_MS;
  private static final long DAY_MS = 24 * HOUR_MS;

  private Amounts() {}

  /** {@code 2026-11-21T19:06:50Z}. */
  static String time(long ms) {
    return Instant.ofEpochMilli(ms).truncatedTo(ChronoUnit.SECONDS).toString();
  }

  static String time(OptionalLong ms) {
    return ms.isPresent() ? time(ms.getAsLong()) : "";
  }

  /** {@code 1.2s}, {@code 4m05s}, {@code 2h03m}, {@code 3d04h}. */
  static String span(OptionalLong ms) {
    return ms.isPresent() ? span(ms.getAsLong()) : "";
  }

  static String seconds(double seconds) {
    return span(Math.round(seconds * SECOND_MS));
  }

  private static String span(long ms) {
    if (ms < MINUTE_MS) {
      return String.format(Locale.ROOT, "%d.%ds", ms / SECOND_MS, ms % SECOND_MS / 100);
    }
    if (ms < HOUR_MS) {
      return String.format(Locale.ROOT, "%dm%02ds", ms / MINUTE_MS, ms % MINUTE_MS / SECOND_MS);
    }
    return ms < DAY_MS
        ? String.format(Locale.ROOT, "%dh%02dm", ms / HOUR_MS, ms % HOUR_MS / MINUTE_MS)
        : String.format(Locale.ROOT, "%dd%02dh", ms / DAY_MS, ms % DAY_MS / HOUR_MS);
  }

  /** {@code 345J}, {@code 12.3kJ}. */
  static String joules(OptionalDouble joules) {
    return scaled(joules, 1000, LARGE, "J");
  }

  /** {@code 701W}. */
  static String watts(OptionalDouble watts) {
    return watts.isPresent() ? String.format(Locale.ROOT, "%.0fW", watts.getAsDouble()) : "";
  }

  /** {@code 1.5GiB}. */
  static String bytes(OptionalDouble bytes) {
    return scaled(bytes, 1024, BINARY, "");
  }

  static String celsius(OptionalDouble celsius) {
    return celsius.isPresent() ? String.format(Locale.ROOT, "%.0fC", celsius.getAsDouble()) : "";
  }

  /** {@code 98%} of a ratio from 0 to 1. */
  static String percent(OptionalDouble ratio) {
    return ratio.isPresent() ? String.format(Locale.ROOT, "%.0f%%", ratio.getAsDouble() * 100) : "";
  }

  /** {@code 12.5h} of seconds. */
  static String hours(double seconds) {
    return String.format(Locale.ROOT, "%.1fh", seconds * SECOND_MS / HOUR_MS);
  }

  /** A whole number; empty for what was not counted. */
  static String count(OptionalDouble times) {
    return times.isPresent() ? String.format(Locale.ROOT, "%.0f", times.getAsDouble()) : "";
  }

  static String yes(boolean is) {
    return is ? "yes" : "no";
  }

  static String text(Optional<String> text) {
    return text.orElse("");
  }

  private static String scaled(OptionalDouble amount, int step, String[] units, String unit) {
    if (amount.isEmpty()) {
      return "";
    }
    double left = amount.getAsDouble();
    int scale = 0;
    while (Math.abs(left) >= step && scale + 1 < units.length) {
      left /= step;
      scale++;
    }
    return String.format(
        Locale.ROOT, scale == 0 ? "%.0f%s%s" : "%.1f%s%s", left, units[scale], unit);
  }
}
