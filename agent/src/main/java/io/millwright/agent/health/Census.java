package io.millwright.agent.health;

import io.millwright.agent.health.Track.Look;
import java.util.HashMap;
import java.util.Map;

/**
 * How many devices of a vendor there are, against how many there were before the agent started. It
 * is silent on a vendor of which the site, or the product, says how many there must be.
 */
final class Census {
  private final Map<String, Integer> before;
  private Map<String, Integer> most;
  private Look less = Look.UNSEEN;
  private String words = "";

  /**
   * @param before the most that were counted of a vendor
   */
  Census(Map<String, Integer> before) {
    this.before = new HashMap<>(before);
    this.most = Map.copyOf(before);
  }

  /** The most that were ever counted; what must be kept. */
  Map<String, Integer> most() {
    return most;
  }

  void take(Node node) {
    before.keySet().removeIf(node.said()::contains);
    less = before.isEmpty() ? Look.NO : Look.UNSEEN;
    node.found()
        .forEach((vendor, count) -> {
          int known = before.getOrDefault(vendor, 0);
          if (count < known) {
            less = Look.YES;
            words = "%d accelerators are there, and %d were before".formatted(count, known);
          } else if (less == Look.UNSEEN && before.containsKey(vendor)) {
            less = Look.NO;
          }
          if (count > most.getOrDefault(vendor, 0)) {
            set(vendor, count);
          }
        });
    if (!most.isEmpty() && node.said().stream().anyMatch(most::containsKey)) {
      Map<String, Integer> next = new HashMap<>(most);
      next.keySet().removeIf(node.said()::contains);
      most = Map.copyOf(next);
    }
  }

  private void set(String vendor, int count) {
    Map<String, Integer> next = new HashMap<>(most);
    next.put(vendor, count);
    most = Map.copyOf(next);
  }

  /** Whether there are fewer now. */
  Look less() {
    return less;
  }

  String words() {
    return words;
  }
}
