package io.millwright.cli;

import java.util.function.Function;

/**
 * One column of a listing.
 *
 * @param title over it in a table
 * @param field that it shows, by its name in the JSON and in CSV
 * @param wide whether only {@code -o wide} has it
 */
record Column<T>(String title, String field, boolean wide, Function<T, Cell> cell) {

  static <T> Column<T> of(String title, String field, Function<T, String> text) {
    return new Column<>(title, field, false, view -> Cell.plain(text.apply(view)));
  }

  /** A word that has a colour. */
  static <T> Column<T> word(String title, String field, Function<T, String> text) {
    return new Column<>(title, field, false, view -> Cell.word(text.apply(view)));
  }

  static <T> Column<T> wide(String title, String field, Function<T, String> text) {
    return new Column<>(title, field, true, view -> Cell.plain(text.apply(view)));
  }
}
