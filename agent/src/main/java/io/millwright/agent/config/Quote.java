package io.millwright.agent.config;

/** Shows a text from outside in a message: bounded, and no character can steer a terminal. */
final class Quote {
  private static final int LONGEST = 60;

  private Quote() {}

  /** The text in quotes, cut after 60 characters. */
  static String of(String text) {
    return '"' + bare(text, LONGEST).replace("\"", "\\\"") + '"';
  }

  /** The text without quotes, cut after the given number of characters. */
  static String bare(String text, int longest) {
    StringBuilder shown = new StringBuilder();
    text.codePoints().limit(longest).forEach(c -> append(shown, c));
    return text.codePointCount(0, text.length()) > longest
        ? shown.append("...").toString()
        : shown.toString();
  }

  /** Whether every character is one that people see. */
  static boolean isVisible(String text) {
    return text.codePoints().noneMatch(Quote::isControl);
  }

  /**
   * Control and format characters, line and paragraph separators, halves of a pair, non-characters.
   */
  static boolean isControl(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          true;
      default -> (codePoint & 0xFFFE) == 0xFFFE;
    };
  }

  /** The name of a character that cannot be shown, as {@code U+0007}. */
  static String name(int codePoint) {
    return String.format("U+%04X", codePoint);
  }

  private static void append(StringBuilder shown, int codePoint) {
    if (isControl(codePoint)) {
      shown.append('<').append(name(codePoint)).append('>');
      return;
    }
    shown.appendCodePoint(codePoint);
  }
}
