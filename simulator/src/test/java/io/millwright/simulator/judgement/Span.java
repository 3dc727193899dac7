package io.millwright.simulator.judgement;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times of a trace, in seconds since its start: {@code 90s}, {@code 1h30m}, {@code 2d}. */
final class Span {
  private static final Pattern PART = Pattern.compile("(\\d+)([dhms])");

  private Span() {}

  static boolean is(String text) {
    return text.matches("(?:\\d+[dhms])+");
  }

  static long seconds(String text) {
    if (!is(text)) {
      throw new IllegalArgumentException(
          "%s is no time; write one such as 90s, 5m or 1h30m".formatted(text));
    }
    long seconds = 0;
    Matcher parts = PART.matcher(text);
    while (parts.find()) {
      seconds += Long.parseLong(parts.group(1)) * unit(parts.group(2));
    }
    return seconds;
  }

  private static long unit(String letter) {
    return switch (letter) {
      case "d" -> 86_400;
      case "h" -> 3_600;
      case "m" -> 60;
      default -> 1;
    };
  }

  static String text(long seconds) {
    if (seconds < 60 || seconds % 60 != 0) {
      return seconds + " s";
    }
    return seconds % 3_600 == 0 ? seconds / 3_600 + " h" : seconds / 60 + " min";
  }
}
