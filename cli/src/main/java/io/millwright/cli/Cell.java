package io.millwright.cli;

/**
 * One cell of a table.
 *
 * @param text made printable here, whoever it comes from; {@code -} for none
 */
record Cell(String text, Ink ink) {
  Cell {
    text = text.isEmpty() ? "-" : Printable.text(text);
  }

  static Cell plain(String text) {
    return new Cell(text, Ink.PLAIN);
  }

  /** A word of which the ink is known. */
  static Cell word(String word) {
    return new Cell(word, Ink.of(word));
  }

  int width() {
    return text.codePointCount(0, text.length());
  }
}
