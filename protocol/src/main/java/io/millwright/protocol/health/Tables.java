package io.millwright.protocol.health;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** The packaged tables: tab-separated, comments with a sharp, one line of headings. */
final class Tables {
  private Tables() {}

  /** The lines of a table beside this class, comments and all. */
  static List<String> lines(String name) {
    InputStream table = Objects.requireNonNull(Tables.class.getResourceAsStream(name), name);
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(table, StandardCharsets.UTF_8))) {
      return lines.lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("reading the packaged " + name, e);
    }
  }

  /** The rows behind the headings, each of so many columns. */
  static List<String[]> rows(String name, List<String> lines, int columns) {
    List<String[]> rows =
        lines.stream()
            .filter(line -> !line.startsWith("#"))
            .skip(1)
            .map(line -> line.split("\t", -1))
            .toList();
    for (String[] row : rows) {
      if (row.length != columns) {
        throw new IllegalArgumentException(
            "%s: row '%s' has %d columns; allowed is %d"
                .formatted(name, row[0], row.length, columns));
      }
    }
    return rows;
  }
}
