package io.millwright.simulator;

/**
 * Colours of a terminal, or none.
 *
 * @param coloured whether there are any
 */
record Ink(boolean coloured) {
  private static final String OFF = "\u001b[0m";

  /** What nobody may overlook. */
  String loud(String text) {
    return in("\u001b[1;33m", text);
  }

  String head(String text) {
    return in("\u001b[1m", text);
  }

  String bad(String text) {
    return in("\u001b[31m", text);
  }

  private String in(String colour, String text) {
    return coloured ? colour + text + OFF : text;
  }
}
