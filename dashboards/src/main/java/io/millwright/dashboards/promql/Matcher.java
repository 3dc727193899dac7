package io.millwright.dashboards.promql;

import io.millwright.protocol.vocabulary.Metric;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * One condition on a label, as in {@code scope="gpu"}.
 *
 * @param label name of the label
 * @param operator {@code =}, {@code !=}, {@code =~} or {@code !~}
 * @param value without its quotes
 */
record Matcher(String label, String operator, String value) {
  private static final Pattern FORM = Pattern.compile("([a-z_]+)(=~|!~|!=|=)\"([^\"\\\\]*)\"");

  /**
   * @throws IllegalArgumentException for what is no condition, or none that the family can meet
   */
  static Matcher of(Metric metric, List<String> labels, String text) {
    java.util.regex.Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException(
          "matcher: '%s' is none; write label=\"value\"".formatted(text));
    }
    Matcher matcher = new Matcher(form.group(1), form.group(2), form.group(3));
    if (!labels.contains(matcher.label)) {
      throw new IllegalArgumentException(
          "matcher: %s has no label '%s'; it has %s"
              .formatted(metric.familyName(), matcher.label, labels));
    }
    matcher.refuseUnknownWords(metric);
    return matcher;
  }

  /** The help text of a family lists the words of a label that has a closed set. */
  private void refuseUnknownWords(Metric metric) {
    List<String> allowed =
        Pattern.compile("\\b" + label + "=([a-z0-9_-]+(?:\\|[a-z0-9_:<>-]+)+)")
            .matcher(metric.help())
            .results()
            .map((MatchResult found) -> List.of(found.group(1).split("\\|")))
            .findFirst()
            .orElse(List.of());
    if (allowed.isEmpty() || value.contains("$")) {
      return;
    }
    for (String word : value.split("\\|", -1)) {
      if (word.matches("[a-z0-9_-]+") && !allowed.contains(word)) {
        throw new IllegalArgumentException(
            "matcher: %s has no %s '%s'; it has %s"
                .formatted(metric.familyName(), label, word, allowed));
      }
    }
  }

  String text() {
    return label + operator + "\"" + value + "\"";
  }
}
