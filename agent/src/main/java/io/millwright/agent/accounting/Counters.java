package io.millwright.agent.accounting;

import java.util.HashMap;
import java.util.Map;

/**
 * Where the counters of one device stood.
 *
 * @param values by family and what of it; a family is here only as a whole
 */
public record Counters(Map<String, Map<String, Double>> values) {
  /** The family of joules, by scope. */
  static final String ENERGY = "energy_joules";

  /** Of a device of which nothing was read. */
  public static final Counters NONE = new Counters(Map.of());

  public Counters {
    Map<String, Map<String, Double>> copied = new HashMap<>();
    values.forEach((family, entries) -> copied.put(family, Map.copyOf(entries)));
    values = Map.copyOf(copied);
  }

  /**
   * How much they grew until then, without zeros. A family that one of the two lacks, or of which
   * anything fell or is gone, is unknown: the counter began anew.
   */
  Map<String, Map<String, Double>> until(Counters later) {
    Map<String, Map<String, Double>> grown = new HashMap<>();
    values.forEach((family, before) -> {
      Map<String, Double> after = later.values.get(family);
      if (after != null && !fell(before, after)) {
        grown.put(family, growth(before, after));
      }
    });
    return grown;
  }

  private static boolean fell(Map<String, Double> before, Map<String, Double> after) {
    return before.entrySet().stream()
        .anyMatch(entry ->
            entry.getValue() > 0 && after.getOrDefault(entry.getKey(), 0.0) < entry.getValue());
  }

  /** What was not there before has counted from zero, as an error of a kind that was never seen. */
  private static Map<String, Double> growth(Map<String, Double> before, Map<String, Double> after) {
    Map<String, Double> growth = new HashMap<>();
    after.forEach((what, value) -> {
      double grew = value - before.getOrDefault(what, 0.0);
      if (grew > 0) {
        growth.put(what, grew);
      }
    });
    return growth;
  }
}
