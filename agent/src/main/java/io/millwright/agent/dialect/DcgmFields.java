package io.millwright.agent.dialect;

import io.millwright.agent.dialect.FieldRow.Written;
import io.millwright.protocol.health.XidTable;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/** The fields of dcgm-exporter, from {@code dcgm-fields.tsv}. Immutable. */
public final class DcgmFields {
  private static final String TABLE = "dcgm-fields.tsv";
  private static final int COLUMNS = 11;
  private static final String SAME = "=";
  private static final String NONE = "-";
  private static final String GUESSED = " ?";
  private static final String NEWER_HOST_LABEL = "hostname";

  private final List<FieldRow> rows;

  private DcgmFields(List<FieldRow> rows) {
    this.rows = List.copyOf(rows);
  }

  /** Those that the agent comes with. */
  public static DcgmFields packaged() {
    InputStream table = Objects.requireNonNull(DcgmFields.class.getResourceAsStream(TABLE), TABLE);
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(table, StandardCharsets.UTF_8))) {
      return of(lines.lines().toList());
    } catch (IOException e) {
      throw new UncheckedIOException("reading the packaged " + TABLE, e);
    }
  }

  static DcgmFields of(List<String> lines) {
    return new DcgmFields(
        lines.stream()
            .filter(line -> !line.startsWith("#"))
            .skip(1)
            .map(line -> row(line.split("\t", -1)))
            .toList());
  }

  private static FieldRow row(String[] cells) {
    if (cells.length != COLUMNS) {
      throw new IllegalArgumentException(
          "%s: row '%s' has %d columns; allowed is %d"
              .formatted(TABLE, cells[0], cells.length, COLUMNS));
    }
    Written classic = spelling(cells[0], cells[2], cells[3], cells[4]);
    boolean guessed = cells[5].endsWith(GUESSED);
    Written newer =
        spelling(
            same(cells[5].replace(GUESSED, ""), cells[0]),
            same(cells[6], cells[2]),
            same(cells[7], cells[3]),
            same(cells[8], cells[4]));
    return new FieldRow(cells[1], classic, newer, guessed, SourceText.parse(cells[9]), cells[10]);
  }

  private static String same(String cell, String classic) {
    return cell.equals(SAME) ? classic : cell;
  }

  private static Written spelling(String name, String unit, String factor, String form) {
    return factor.equals(NONE)
        ? new Written(name, unit, 1, NumberForm.WHOLE)
        : new Written(
            name,
            unit,
            Double.parseDouble(factor),
            NumberForm.valueOf(form.toUpperCase(Locale.ROOT)));
  }

  List<FieldRow> rows() {
    return rows;
  }

  /**
   * The names of releases to 4.8.
   *
   * @param hostLabel {@code Hostname}, or {@code hostname} as 4.8.3 and later have it
   */
  public DcgmDialect classic(String hostLabel, XidTable xids) {
    return dialect(Dialect.Name.DCGM, hostLabel, FieldRow::classic, xids);
  }

  /**
   * The names of release 4.9.
   *
   * @param corrections names of 4.9 by classic ones, which overrule the table's
   */
  public DcgmDialect release49(Map<String, String> corrections, XidTable xids) {
    return dialect(
        Dialect.Name.DCGM49,
        NEWER_HOST_LABEL,
        row -> row.newer().named(corrected(row, corrections)),
        xids);
  }

  private static String corrected(FieldRow row, Map<String, String> corrections) {
    return corrections.getOrDefault(row.classic().name(), row.newer().name());
  }

  private DcgmDialect dialect(
      Dialect.Name name, String hostLabel, Function<FieldRow, Written> spelling, XidTable xids) {
    List<DcgmDialect.OfInfo> labels = new ArrayList<>();
    List<Field> fields = new ArrayList<>();
    for (FieldRow row : rows) {
      Written spelled = spelling.apply(row);
      switch (row.source()) {
        case Source.Nothing(String why) -> {}
        case Source.OfInfo(String source) ->
            labels.add(new DcgmDialect.OfInfo(spelled.name(), source));
        case Source.Value value -> fields.add(row.in(spelled));
        case Source.Rate rate -> fields.add(row.in(spelled));
        case Source.LastXid xid -> fields.add(row.in(spelled));
      }
    }
    return new DcgmDialect(name, hostLabel, labels, fields, xids);
  }
}
