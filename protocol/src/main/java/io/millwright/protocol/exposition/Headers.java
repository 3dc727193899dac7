package io.millwright.protocol.exposition;

import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Metric.Kind;

/** What stands above the series of a family. */
final class Headers {
  private static final String TOTAL = "_total";
  private static final String INFO = "_info";

  private Headers() {}

  static String prometheus(Metric metric) {
    String name = metric.familyName();
    String type =
        switch (metric.kind()) {
          case COUNTER -> "counter";
          case HISTOGRAM -> "histogram";
          case GAUGE, INFO, STATESET -> "gauge";
        };
    return "# HELP %s %s\n# TYPE %s %s\n".formatted(name, escaped(metric.help()), name, type);
  }

  static String openMetrics(Metric metric) {
    String name = openMetricsName(metric);
    String type = "# TYPE " + name + " " + openMetricsType(metric.kind()) + "\n";
    String unit = hasUnit(metric) ? "# UNIT " + name + " " + metric.unit().word() + "\n" : "";
    return type + unit + "# HELP " + name + " " + quoted(metric.help()) + "\n";
  }

  /**
   * A set of states is a gauge here: the formats' own {@code stateset} wants a label with the name
   * of the family, and ours is {@code state} on all families, so that one rule fits them all.
   */
  private static String openMetricsType(Kind kind) {
    return switch (kind) {
      case COUNTER -> "counter";
      case INFO -> "info";
      case GAUGE, STATESET -> "gauge";
      case HISTOGRAM -> "histogram";
    };
  }

  static IllegalArgumentException noSingleValue(Object what) {
    return new IllegalArgumentException(
        "a histogram has no single value and is in no snapshot: " + what);
  }

  /** In OpenMetrics the suffix belongs to the sample, not to the family. */
  private static String openMetricsName(Metric metric) {
    String name = metric.familyName();
    return switch (metric.kind()) {
      case COUNTER -> without(TOTAL, name);
      case INFO -> without(INFO, name);
      case GAUGE, STATESET, HISTOGRAM -> name;
    };
  }

  private static String without(String suffix, String name) {
    return name.endsWith(suffix) ? name.substring(0, name.length() - suffix.length()) : name;
  }

  private static boolean hasUnit(Metric metric) {
    return metric.unit().named() && openMetricsName(metric).endsWith("_" + metric.unit().word());
  }

  /** HELP of the text format: backslash and line feed. */
  private static String escaped(String text) {
    return text.replace("\\", "\\\\").replace("\n", "\\n");
  }

  /** A label's value in both formats, and HELP of OpenMetrics: the quotation mark as well. */
  static String quoted(String text) {
    return escaped(text).replace("\"", "\\\"");
  }
}
