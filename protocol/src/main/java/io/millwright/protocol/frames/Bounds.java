package io.millwright.protocol.frames;

import io.millwright.protocol.vocabulary.WholeCharacters;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** What a field may hold, and the sentence where it holds something else. */
final class Bounds {
  private static final Pattern CONTROL = Pattern.compile("\\p{Cc}");
  private static final int SHOWN = 60;
  private static final int MOST_HARDWARE = 16;
  private static final int LONGEST_HARDWARE = 64;

  private Bounds() {}

  /** A text of 1 to so many bytes of UTF-8, without control characters. */
  static String text(String field, String given, int most) {
    if (given.isEmpty()) {
      throw refused(field, given, "1 to %d bytes of text".formatted(most));
    }
    return textOrNone(field, given, most);
  }

  /** A text that may be empty. */
  static String textOrNone(String field, String given, int most) {
    if (CONTROL.matcher(given).find()) {
      throw refused(field, given, "text without control characters");
    }
    if (!WholeCharacters.in(given)) {
      throw refused(field, given, "text that UTF-8 can hold");
    }
    if (given.getBytes(StandardCharsets.UTF_8).length > most) {
      throw refused(field, given, "at most %d bytes of text".formatted(most));
    }
    return given;
  }

  static long between(String field, long given, long least, long most) {
    if (given < least || given > most) {
      throw refused(field, Long.toString(given), "from %d to %d".formatted(least, most));
    }
    return given;
  }

  /** A sequence, a generation, a count: from 0 to 2^63 - 1. */
  static long count(String field, long given) {
    return between(field, given, 0, Long.MAX_VALUE);
  }

  /** By what a machine is known again: at most 16 words. */
  static List<String> hardware(List<String> given) {
    between("hardware", given.size(), 0, MOST_HARDWARE);
    given.forEach(word -> text("hardware", word, LONGEST_HARDWARE));
    return List.copyOf(given);
  }

  static Payload body(String field, Payload given) {
    between(field + " bytes", given.length(), 0, Payload.LONGEST_BODY);
    return given;
  }

  static IllegalArgumentException refused(String field, String given, String allowed) {
    String cut = given.length() > SHOWN ? given.substring(0, SHOWN) + "…" : given;
    String shown = CONTROL.matcher(cut).replaceAll("?");
    return new IllegalArgumentException(
        String.format(Locale.ROOT, "%s: '%s' is refused; allowed is %s", field, shown, allowed));
  }
}
