package io.millwright.protocol.health;

import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which series a rule looks at.
 *
 * @param labels the values that a label may have; a label that is not named may have any
 * @param places of file systems: {@code state} is the one that holds what the agent keeps, {@code
 *     root} that of the system; empty for all
 */
public record Match(Metric metric, Map<String, Set<String>> labels, Set<String> places) {
  public Match {
    labels = Map.copyOf(labels);
    places = Set.copyOf(places);
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
                entry
                    .getValue()
                    .contains(series.labelValues().get(metric.labels().indexOf(entry.getKey()))));
  }
}
