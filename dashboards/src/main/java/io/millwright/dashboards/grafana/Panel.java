package io.millwright.dashboards.grafana;

import io.millwright.dashboards.promql.Promql;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One panel.
 *
 * @param description what it says and what to do about it, for whoever sees it the first time
 * @param width in the 24 columns of the grid
 * @param labels columns of a table before its values; none for other forms
 * @param columns how a table shows its values
 * @param steps thresholds; only where an alert exists
 * @param link where a click leads
 */
public record Panel(
    String title,
    String description,
    Form form,
    Scale scale,
    int width,
    List<Query> queries,
    List<String> labels,
    List<Column> columns,
    Optional<Words> words,
    List<Step> steps,
    Optional<BoardId> link) {
  public Panel {
    queries = List.copyOf(queries);
    labels = List.copyOf(labels);
    columns = List.copyOf(columns);
    steps = List.copyOf(steps);
  }

  // ---- forms

  /** A number with its course. */
  public static Panel stat(int width, String title, Scale scale, Promql expression, String says) {
    return plain(Form.STAT, width, title, scale, says).with(expression, title);
  }

  public static Panel lines(int width, String title, Scale scale, String says) {
    return plain(Form.LINES, width, title, scale, says);
  }

  public static Panel stack(int width, String title, Scale scale, String says) {
    return plain(Form.STACK, width, title, scale, says);
  }

  public static Panel timeline(int width, String title, Words words, String says) {
    return plain(Form.TIMELINE, width, title, Scale.WORD, says).worded(words);
  }

  /**
   * @param labels of every series, in the order of their columns
   */
  public static Panel table(int width, String title, List<String> labels, String says) {
    return new Panel(
        title,
        says,
        Form.TABLE,
        Scale.WORD,
        width,
        List.of(),
        labels,
        List.of(),
        Optional.empty(),
        List.of(),
        Optional.empty());
  }

  private static Panel plain(Form form, int width, String title, Scale scale, String says) {
    return new Panel(
        title,
        says,
        form,
        scale,
        width,
        List.of(),
        List.of(),
        List.of(),
        Optional.empty(),
        List.of(),
        Optional.empty());
  }

  // ---- additions

  /** Another expression. */
  public Panel with(Promql expression, String legend) {
    List<Query> more = new ArrayList<>(queries);
    more.add(new Query(expression, legend));
    return copy(more, columns, words, steps, link);
  }

  /** Another value of a table, which has to have the labels of its columns. */
  public Panel value(String name, Scale scale, Promql expression) {
    return value(new Column(name, scale, Optional.empty()), expression);
  }

  /** Another value of a table, told in words. */
  public Panel value(String name, Words words, Promql expression) {
    return value(new Column(name, Scale.WORD, Optional.of(words)), expression);
  }

  private Panel value(Column column, Promql expression) {
    if (!expression.labels().containsAll(labels)) {
      throw new IllegalArgumentException(
          "table '%s': %s has not the labels %s".formatted(title, expression.text(), labels));
    }
    if (expression.labels().contains(column.name())) {
      throw new IllegalArgumentException(
          "table '%s': its column '%s' has the name of a label".formatted(title, column.name()));
    }
    List<Column> more = new ArrayList<>(columns);
    more.add(column);
    return with(expression, column.name()).copy(more);
  }

  private Panel copy(List<Column> more) {
    return copy(queries, more, words, steps, link);
  }

  public Panel worded(Words these) {
    return copy(queries, columns, Optional.of(these), steps, link);
  }

  /** Colour from a value on, as the alert of this name has it. */
  public Panel step(double from, String colour, String alert) {
    List<Step> more = new ArrayList<>(steps);
    more.add(new Step(from, colour, alert));
    return copy(queries, columns, words, more, link);
  }

  public Panel leadsTo(BoardId board) {
    return copy(queries, columns, words, steps, Optional.of(board));
  }

  private Panel copy(
      List<Query> theQueries,
      List<Column> theColumns,
      Optional<Words> theWords,
      List<Step> theSteps,
      Optional<BoardId> theLink) {
    return new Panel(
        title,
        description,
        form,
        scale,
        width,
        theQueries,
        labels,
        theColumns,
        theWords,
        theSteps,
        theLink);
  }
}
