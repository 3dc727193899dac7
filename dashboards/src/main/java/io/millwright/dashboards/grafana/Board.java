package io.millwright.dashboards.grafana;

import java.util.List;
import java.util.stream.Stream;

/**
 * One dashboard.
 *
 * @param description one sentence
 * @param range what it shows at first, as in {@code now-3h}
 */
public record Board(
    BoardId id, String description, String range, List<Variable> variables, List<Row> rows) {
  public Board {
    variables = List.copyOf(variables);
    rows = List.copyOf(rows);
  }

  public Stream<Panel> panels() {
    return rows.stream().flatMap(row -> row.panels().stream());
  }
}
