package io.millwright.cli;

/** What there is to say of one thing, a line each. Owned by the verb that fills it. */
final class Facts {
  private final Table table = new Table();

  void add(String name, String text) {
    table.add(new Cell(name, Ink.TITLE), Cell.plain(text));
  }

  /** A word that has a colour. */
  void addWord(String name, String word) {
    table.add(new Cell(name, Ink.TITLE), Cell.word(word));
  }

  Table table() {
    return table;
  }
}
