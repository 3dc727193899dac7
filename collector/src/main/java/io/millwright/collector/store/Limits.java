package io.millwright.collector.store;

import io.millwright.protocol.vocabulary.WholeCharacters;

/** What every implementation can hold. */
final class Limits {
  private static final int LONGEST_KEY = 512;
  private static final int LONGEST_VALUE = 1 << 20;

  private Limits() {}

  /** Visible ASCII: the order of its characters is that of its bytes. */
  static void key(String key) {
    if (key.isEmpty() || key.length() > LONGEST_KEY || !isVisibleAscii(key)) {
      throw new IllegalArgumentException(
          "key: %d characters are refused; allowed are 1 to %d of visible ASCII"
              .formatted(key.length(), LONGEST_KEY));
    }
  }

  static boolean isVisibleAscii(String text) {
    return text.chars().allMatch(c -> c > ' ' && c < 0x7f);
  }

  static void value(String key, String value) {
    if (value.length() > LONGEST_VALUE || value.indexOf('\0') >= 0 || !isUnicode(value)) {
      throw new IllegalArgumentException(
          "value of %s: %d characters are refused; allowed are %d of Unicode without NUL"
              .formatted(key, value.length(), LONGEST_VALUE));
    }
  }

  private static boolean isUnicode(String value) {
    return WholeCharacters.in(value);
  }
}
