package io.millwright.cli;

import java.util.List;

/**
 * How views of one kind are listed.
 *
 * @param name of the list in the JSON, as in {@code jobs}
 */
record Listing<T>(String name, Class<T> type, List<Column<T>> columns) {
  Listing {
    columns = List.copyOf(columns);
  }

  /** The fields of CSV. */
  List<String> fields() {
    return columns.stream().map(Column::field).toList();
  }

  Table table(List<T> views, boolean wide) {
    Table table = Table.titled(shown(wide).stream().map(Column::title).toList());
    return filled(table, views, wide);
  }

  /** Rows that go on where others have ended. */
  Table more(List<T> views, boolean wide) {
    return filled(new Table(), views, wide);
  }

  private List<Column<T>> shown(boolean wide) {
    return columns.stream().filter(column -> wide || !column.wide()).toList();
  }

  private Table filled(Table table, List<T> views, boolean wide) {
    List<Column<T>> shown = shown(wide);
    views.forEach(
        view -> table.add(shown.stream().map(column -> column.cell().apply(view)).toList()));
    return table;
  }
}
