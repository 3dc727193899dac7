package io.millwright.dashboards.alerts;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * When an alert has to fire and when not. The series begin harmless; the one that is to fire turns
 * and turns back, and a neighbour differs from it in one value all the time.
 *
 * @param series what Prometheus has
 * @param quietAt when nothing fires, as in {@code 5m}: before the turn, and when it has cleared
 * @param fires when exactly one alert fires, and for which labels
 * @param said what is put for a placeholder of the texts that is no label, by its template
 */
record Trial(
    List<Given> series, List<String> quietAt, List<Firing> fires, Map<String, String> said) {

  /**
   * @param labels of the one alert that fires, in Prometheus's notation, apart from severity
   */
  record Firing(String at, String labels) {}

  Trial {
    series = List.copyOf(series);
    quietAt = List.copyOf(quietAt);
    fires = List.copyOf(fires);
    said = Map.copyOf(said);
  }

  static Trial of(String quietAt, String firesAt, String clearAt, String labels, Given... series) {
    return new Trial(
        List.of(series), List.of(quietAt, clearAt), List.of(new Firing(firesAt, labels)), Map.of());
  }

  /** Another moment at which nothing fires. */
  Trial quietTooAt(String at) {
    List<String> more = new ArrayList<>(quietAt);
    more.add(at);
    return new Trial(series, more, fires, said);
  }

  /** Another moment at which it fires, for these labels alone. */
  Trial firesTooAt(String at, String labels) {
    List<Firing> more = new ArrayList<>(fires);
    more.add(new Firing(at, labels));
    return new Trial(series, quietAt, more, said);
  }

  /** What Prometheus puts for this template of the texts. */
  Trial saying(String template, String text) {
    Map<String, String> more = new HashMap<>(said);
    more.put(template, text);
    return new Trial(series, quietAt, fires, more);
  }
}
