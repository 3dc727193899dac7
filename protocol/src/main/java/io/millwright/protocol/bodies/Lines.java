package io.millwright.protocol.bodies;

/** Texts of files and programs, made fit to travel. */
final class Lines {
  private Lines() {}

  /** Bounded, on one line, and of as many bytes as characters. */
  static String one(String text, int longest) {
    String line = text.replaceAll("[^\\x20-\\x7e]", "?");
    return line.substring(0, Math.min(line.length(), longest));
  }
}
