package io.millwright.simulator;

import java.util.ArrayList;
import java.util.List;

/** Rows of cells as lines whose columns stand under each other. */
final class Columns {
  private static final String GAP = "  ";

  private final List<List<String>> rows = new ArrayList<>();

  Columns(String... head) {
    rows.add(List.of(head));
  }

  Columns row(String... cells) {
    rows.add(List.of(cells));
    return this;
  }

  boolean empty() {
    return rows.size() == 1;
  }

  List<String> lines() {
    int[] widths = new int[rows.getFirst().size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    return rows.stream().map(row -> line(row, widths)).toList();
  }

  private static String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      line.append(row.get(i)).repeat(' ', widths[i] - row.get(i).length()).append(GAP);
    }
    return line.toString().stripTrailing();
  }
}
