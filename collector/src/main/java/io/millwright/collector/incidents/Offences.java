package io.millwright.collector.incidents;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Incidents that began at one device, wherever it was put.
 *
 * @param identity serial number, or UUID where it has none
 * @param incidents when each began, by its id
 */
public record Offences(String identity, Map<String, Long> incidents) {
  static final Duration REMEMBERED = Duration.ofDays(30);
  private static final int MOST = 64;

  public Offences {
    incidents = Map.copyOf(incidents);
  }

  static Offences none(String identity) {
    return new Offences(identity, Map.of());
  }

  /** With one more; the oldest go. */
  Offences with(String id, long atMs) {
    Map<String, Long> next = new TreeMap<>(incidents);
    next.put(id, atMs);
    List<Map.Entry<String, Long>> kept =
        next.entrySet().stream()
            .filter(one -> atMs - one.getValue() < REMEMBERED.toMillis())
            .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()))
            .limit(MOST)
            .toList();
    Map<String, Long> recent = new TreeMap<>();
    kept.forEach(one -> recent.put(one.getKey(), one.getValue()));
    return new Offences(identity, recent);
  }

  /** How many there were within thirty days. */
  int within(long nowMs) {
    Stream<Long> times = incidents.values().stream();
    return (int) times.filter(at -> nowMs - at < REMEMBERED.toMillis()).count();
  }
}
