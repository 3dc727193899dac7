package io.millwright.simulator.neuron;

import java.util.LinkedHashMap;
import java.util.Map;

/** The counters of a device or of a core by their names in {@code tree.tsv}. */
final class Counters {
  private final Map<String, Counter> byName = new LinkedHashMap<>();

  /** The counter of this name, made at 0 when it is first asked for. */
  Counter of(String name) {
    return byName.computeIfAbsent(name, made -> new Counter());
  }

  void release() {
    byName.values().forEach(Counter::release);
  }

  void clear() {
    byName.values().forEach(Counter::clear);
  }
}
