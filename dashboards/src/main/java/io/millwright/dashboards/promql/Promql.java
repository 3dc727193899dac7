package io.millwright.dashboards.promql;

import io.millwright.protocol.vocabulary.Metric;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An expression that yields a vector, and the labels that its series have.
 *
 * <p><i>Failure:</i> every method throws {@link IllegalArgumentException} where a label is named
 * that the series do not have, or where two vectors are combined that could never match.
 *
 * @param text the expression
 * @param labels of each series, without the metric's name
 * @param compound whether it needs parentheses as an operand
 */
public record Promql(String text, Set<String> labels, boolean compound) {
  /** The window that Grafana makes of the panel's resolution and the scrape interval. */
  public static final String RATE_WINDOW = "$__rate_interval";

  /** The time that the board shows. */
  public static final String SHOWN = "$__range";

  /** Devices, and not the instances that some of them are divided into. */
  public static final String WHOLE = "accelerator!~\".+:.+\"";

  private static final List<String> TARGET = List.of("instance", "job");

  public Promql {
    labels = Set.copyOf(labels);
  }

  // ---- what is selected

  /**
   * A family of the catalogue.
   *
   * @param matchers as in {@code scope="gpu"}
   */
  public static Promql of(Metric metric, String... matchers) {
    return select(metric, metric.familyName(), metric.labels(), matchers);
  }

  /** The buckets of a histogram. */
  public static Promql buckets(Metric metric, String... matchers) {
    List<String> labels = Stream.concat(metric.labels().stream(), Stream.of("le")).toList();
    return select(metric, metric.familyName() + "_bucket", labels, matchers);
  }

  private static Promql select(Metric metric, String name, List<String> own, String... matchers) {
    List<String> labels = Stream.concat(own.stream(), TARGET.stream()).toList();
    String conditions =
        Arrays.stream(matchers)
            .map(text -> Matcher.of(metric, labels, text).text())
            .collect(Collectors.joining(","));
    return new Promql(
        conditions.isEmpty() ? name : name + "{" + conditions + "}", Set.copyOf(labels), false);
  }

  /**
   * Whether Prometheus reached the targets of a scrape job: 1 or 0.
   *
   * @param more labels that the scrape configuration gives its targets
   */
  public static Promql reached(String job, String... more) {
    Set<String> labels = new TreeSet<>(TARGET);
    labels.addAll(List.of(more));
    return new Promql("up{job=\"" + job + "\"}", labels, false);
  }

  /** What Prometheus itself tells of its targets, as in {@code scrape_duration_seconds}. */
  public static Promql ofScrapes(String name, String job) {
    return new Promql(name + "{job=\"" + job + "\"}", Set.of("instance", "job"), false);
  }

  /** Alerts that fire, of these severities. */
  public static Promql firing(String severities) {
    return new Promql(
        "ALERTS{alertstate=\"firing\",severity=~\"" + severities + "\"}",
        Set.of("alertname", "severity"),
        false);
  }

  /** 1 while nothing is selected. */
  public Promql absent() {
    return new Promql("absent(" + text + ")", Set.of("job"), false);
  }

  // ---- over time

  /** Growth of a counter per second. */
  public Promql rate() {
    return over("rate", RATE_WINDOW);
  }

  /** Growth of a counter in the panel's window. */
  public Promql increase() {
    return over("increase", RATE_WINDOW);
  }

  /**
   * @param function of a range, as in {@code avg_over_time}
   * @param window as in {@code 5m}
   */
  public Promql over(String function, String window) {
    return new Promql(function + "(" + text + "[" + window + "])", labels, false);
  }

  /** The value to be expected by then if it goes on as in the window. */
  public Promql predicted(String window, long seconds) {
    return new Promql(
        "predict_linear(" + text + "[" + window + "], " + seconds + ")", labels, false);
  }

  /** Seconds that have passed since a timestamp. */
  public Promql age() {
    return new Promql("time() - " + operand(), labels, true);
  }

  // ---- over series

  public Promql sumBy(String... by) {
    return aggregate("sum", by);
  }

  public Promql maxBy(String... by) {
    return aggregate("max", by);
  }

  public Promql minBy(String... by) {
    return aggregate("min", by);
  }

  public Promql averageBy(String... by) {
    return aggregate("avg", by);
  }

  public Promql countBy(String... by) {
    return aggregate("count", by);
  }

  private Promql aggregate(String operator, String... by) {
    requireLabels(by);
    String grouping = by.length == 0 ? "" : " by (" + String.join(", ", by) + ") ";
    return new Promql(operator + grouping + "(" + text + ")", Set.of(by), false);
  }

  public Promql medianBy(String... by) {
    requireLabels(by);
    return new Promql(
        "quantile by (" + String.join(", ", by) + ") (0.5, " + text + ")", Set.of(by), false);
  }

  /**
   * @param quantile from 0 to 1, of {@link #buckets} that were summed by {@code le} and others
   */
  public Promql quantile(double quantile) {
    requireLabels("le");
    Set<String> rest = new TreeSet<>(labels);
    rest.remove("le");
    return new Promql("histogram_quantile(" + quantile + ", " + text + ")", rest, false);
  }

  public Promql highest(int count) {
    return new Promql("topk(" + count + ", " + text + ")", labels, false);
  }

  public Promql lowest(int count) {
    return new Promql("bottomk(" + count + ", " + text + ")", labels, false);
  }

  // ---- arithmetic

  /**
   * Only the series for which it holds.
   *
   * @param condition as in {@code > 0}
   */
  public Promql where(String condition) {
    return new Promql(operand() + " " + condition, labels, true);
  }

  /**
   * @param operation as in {@code * 2}
   */
  public Promql scaled(String operation) {
    return where(operation);
  }

  public Promql plus(Promql other) {
    return combined("+", other);
  }

  public Promql minus(Promql other) {
    return combined("-", other);
  }

  public Promql dividedBy(Promql other) {
    return combined("/", other);
  }

  /** Both as they are: the labels have to be the same. */
  private Promql combined(String operator, Promql other) {
    if (!labels.equals(other.labels)) {
      throw new IllegalArgumentException(
          "%s: %s and %s have different labels".formatted(operator, this, other));
    }
    return new Promql(operand() + " " + operator + " " + other.operand(), labels, true);
  }

  /**
   * Each series of this with the one of the other that has the same labels {@code on}, and some of
   * its other labels.
   *
   * @param operator as in {@code *} or {@code <}
   * @param on labels of both
   * @param left labels of the other that the result gets too
   */
  public Promql joined(String operator, Promql other, List<String> on, List<String> left) {
    requireLabels(on.toArray(String[]::new));
    other.requireLabels(on.toArray(String[]::new));
    other.requireLabels(left.toArray(String[]::new));
    Set<String> both = new TreeSet<>(labels);
    both.addAll(left);
    String matching =
        " on (%s) group_left (%s) ".formatted(String.join(", ", on), String.join(", ", left));
    return new Promql(operand() + " " + operator + matching + other.operand(), both, true);
  }

  /** The series of this for which the other has one with the same labels {@code on}. */
  public Promql and(Promql other, String... on) {
    return matched("and", other, on);
  }

  /** The series of this for which the other has none with the same labels {@code on}. */
  public Promql unless(Promql other, String... on) {
    return matched("unless", other, on);
  }

  /** The series of this, and those of the other that have no like among them. */
  public Promql or(Promql other) {
    return combined("or", other);
  }

  private Promql matched(String operator, Promql other, String... on) {
    requireLabels(on);
    other.requireLabels(on);
    String matching = " " + operator + " on (" + String.join(", ", on) + ") ";
    return new Promql(operand() + matching + other.operand(), labels, true);
  }

  /**
   * How many series lie how high, in steps of ten of a hundred; the step's lower end is a label.
   *
   * @param label name of that label
   */
  public Promql tenths(String label) {
    String tenth = "clamp_max(floor(" + operand() + " * 10) * 10, 90)";
    return new Promql("count_values(\"" + label + "\", " + tenth + ")", Set.of(label), false);
  }

  /** This, or a bare number where there are no series; only for what has no labels. */
  public Promql orZero() {
    if (!labels.isEmpty()) {
      throw new IllegalArgumentException(text + ": only a sum over all can be 0 instead");
    }
    return new Promql(operand() + " or vector(0)", labels, true);
  }

  // ---- checks

  private void requireLabels(String... wanted) {
    for (String label : wanted) {
      if (!labels.contains(label)) {
        throw new IllegalArgumentException(
            "%s has no label '%s'; it has %s".formatted(text, label, new TreeSet<>(labels)));
      }
    }
  }

  private String operand() {
    return compound ? "(" + text + ")" : text;
  }
}
