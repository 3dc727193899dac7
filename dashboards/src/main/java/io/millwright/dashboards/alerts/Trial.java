package io.millwright.dashboards.alerts;

import java.util.List;
import java.util.Map;

/**
 * When an alert has to fire and when not. The series begin harmless; the one that is to fire turns
 * and turns back, and a neighbour differs from it in one value all the time.
 *
 * @param series what Prometheus has
 * @param quietAt before it fires, as in {@code 5m}
 * @param firesAt when it fires for exactly these labels
 * @param clearAt when it has cleared
 * @param labels of the one alert that fires, in Prometheus's notation, apart from severity
 * @param said what is put for a placeholder of the texts that is no label, by its template
 */
record Trial(
    List<Given> series,
    String quietAt,
    String firesAt,
    String clearAt,
    String labels,
    Map<String, String> said) {
  Trial {
    series = List.copyOf(series);
    said = Map.copyOf(said);
  }

  static Trial of(String quietAt, String firesAt, String clearAt, String labels, Given... series) {
    return new Trial(List.of(series), quietAt, firesAt, clearAt, labels, Map.of());
  }

  /** What Prometheus puts for this template of the texts. */
  Trial saying(String template, String text) {
    Map<String, String> more = new java.util.HashMap<>(said);
    more.put(template, text);
    return new Trial(series, quietAt, firesAt, clearAt, labels, more);
  }
}
