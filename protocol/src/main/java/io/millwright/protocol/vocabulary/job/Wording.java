package io.millwright.protocol.vocabulary.job;

import java.util.Locale;
import java.util.regex.Pattern;

/** Sentences about a field that was given wrongly. */
final class Wording {
  private static final Pattern CONTROL = Pattern.compile("\\p{Cc}");
  private static final int SHOWN = 60;

  private Wording() {}

  /** A text without control characters, of at most so many characters. */
  static String text(String field, String given, int longest) {
    if (CONTROL.matcher(given).find()) {
      throw refused(field, given, "no control character");
    }
    if (given.length() > longest) {
      throw refused(field, given, "at most %d characters".formatted(longest));
    }
    return given;
  }

  static String matching(String field, String given, Pattern pattern, String allowed) {
    if (!pattern.matcher(given).matches()) {
      throw refused(field, given, allowed);
    }
    return given;
  }

  static long between(String field, long given, long least, long most) {
    if (given < least || given > most) {
      throw refused(field, Long.toString(given), "from %d to %d".formatted(least, most));
    }
    return given;
  }

  /** An amount of something. */
  static double amount(String field, double given) {
    if (!Double.isFinite(given) || given < 0) {
      throw refused(field, Double.toString(given), "a finite number from 0");
    }
    return given;
  }

  /** An amount of something, and no more than that. */
  static double amount(String field, double given, double most) {
    if (!(given >= 0 && given <= most)) {
      throw refused(
          field,
          Double.toString(given),
          String.format(Locale.ROOT, "a number from 0 to %.0f", most));
    }
    return given;
  }

  /** {@code FIELD: 'GIVEN' is refused; allowed is ALLOWED}, printable and short. */
  static IllegalArgumentException refused(String field, String given, String allowed) {
    String cut = given.length() > SHOWN ? given.substring(0, SHOWN) + "…" : given;
    String shown =
        CONTROL
            .matcher(cut)
            .replaceAll(match -> "\\\\u%04x".formatted((int) match.group().charAt(0)));
    return new IllegalArgumentException(
        String.format(Locale.ROOT, "%s: '%s' is refused; allowed is %s", field, shown, allowed));
  }
}
