package io.millwright.protocol.health;

import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which series a rule looks at.
 *
 * @param labels the values that a label may have; a label that is not named may have any, and one
 *     whose values begin with {@code !} any but these
 * @param places of file systems: {@code state} is the one that holds what the agent keeps, {@code
 *     root} that of the system; empty for all
 */
public record Match(Metric metric, Map<String, Set<String>> labels, Set<String> places) {
  private static final String EXCEPT = "!";

  public Match {
    labels = Map.copyOf(labels);
    places = Set.copyOf(places);
    labels.forEach(Match::requireOneKind);
  }

  private static void requireOneKind(String label, Set<String> words) {
    long excepted = words.stream().filter(word -> word.startsWith(EXCEPT)).count();
    if (excepted != 0 && excepted != words.size()) {
      throw RuleException.refused(
          "when", label + "=" + words, "values, or values that all begin with " + EXCEPT);
    }
  }

  /** The labels that may have any value. */
  List<String> open() {
    return metric.labels().stream().filter(label -> !labels.containsKey(label)).toList();
  }

  /** Whether this is one of them, but for its place. */
  public boolean covers(Series series) {
    return series.metric() == metric
        && labels.entrySet().stream()
            .allMatch(entry ->
                allows(
                    entry.getValue(),
                    series.labelValues().get(metric.labels().indexOf(entry.getKey()))));
  }

  private static boolean allows(Set<String> words, String value) {
    boolean excepts = words.stream().anyMatch(word -> word.startsWith(EXCEPT));
    return excepts ? !words.contains(EXCEPT + value) : words.contains(value);
  }
}
