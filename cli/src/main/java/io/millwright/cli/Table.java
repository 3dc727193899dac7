package io.millwright.cli;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Rows of cells, each column as wide as its widest cell. Owned by the verb that fills it. */
final class Table {
  private static final String GAP = "  ";

  private final List<List<Cell>> rows = new ArrayList<>();

  /** A table with a line of titles. */
  static Table titled(List<String> titles) {
    Table table = new Table();
    table.add(titles.stream().map(title -> new Cell(title, Ink.TITLE)).toList());
    return table;
  }

  static Table titled(String... titles) {
    return titled(List.of(titles));
  }

  void add(List<Cell> row) {
    rows.add(List.copyOf(row));
  }

  void add(Cell... row) {
    add(List.of(row));
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  List<String> lines(boolean colour) {
    return lines(colour, new ArrayList<>());
  }

  /**
   * The lines of a part of a table.
   *
   * @param widths of the parts before; those of this one are left there
   */
  List<String> lines(boolean colour, List<Integer> widths) {
    List<Integer> own = widths();
    for (int i = 0; i < own.size(); i++) {
      if (i < widths.size()) {
        widths.set(i, Math.max(widths.get(i), own.get(i)));
      } else {
        widths.add(own.get(i));
      }
    }
    return rows.stream().map(row -> line(row, widths, colour)).toList();
  }

  private List<Integer> widths() {
    int columns = rows.stream().mapToInt(List::size).max().orElse(0);
    List<Integer> widths = new ArrayList<>(Collections.nCopies(columns, 0));
    for (List<Cell> row : rows) {
      for (int i = 0; i < row.size(); i++) {
        widths.set(i, Math.max(widths.get(i), row.get(i).width()));
      }
    }
    return widths;
  }

  /** The last cell is not filled up, so that no line ends in blanks. */
  private static String line(List<Cell> row, List<Integer> widths, boolean colour) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < row.size(); i++) {
      Cell cell = row.get(i);
      line.append(colour ? cell.ink().on(cell.text()) : cell.text());
      if (i + 1 < row.size()) {
        line.repeat(' ', widths.get(i) - cell.width()).append(GAP);
      }
    }
    return line.toString();
  }
}
