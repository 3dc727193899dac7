package io.millwright.cli;

import java.util.regex.Pattern;

/** Text from elsewhere that can do nothing to a terminal. */
final class Printable {
  /** Control and format characters, line separators, halves of a pair. */
  private static final Pattern UNSAFE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]");

  private Printable() {}

  /** The same text with a {@code ?} for each character that is not for reading. */
  static String text(String given) {
    return UNSAFE.matcher(given).replaceAll("?");
  }
}
