package io.millwright.protocol.bodies;

/** A text from outside in a sentence: bounded, and no character can steer a terminal. */
public final class Shown {
  private static final int LONGEST = 60;

  private Shown() {}

  /** In quotes, as it is done for fields of a job. */
  public static String quoted(String text) {
    return "'" + text(text) + "'";
  }

  public static String text(String text) {
    StringBuilder shown = new StringBuilder();
    text.codePoints().limit(LONGEST).forEach(c -> append(shown, c));
    return text.codePointCount(0, text.length()) > LONGEST
        ? shown.append('…').toString()
        : shown.toString();
  }

  private static void append(StringBuilder shown, int codePoint) {
    switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          shown.append("\\u%04x".formatted(codePoint));
      default -> shown.appendCodePoint(codePoint);
    }
  }
}
