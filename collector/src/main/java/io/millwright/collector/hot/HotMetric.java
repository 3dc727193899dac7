package io.millwright.collector.hot;

import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The readings that are kept by column: what a fleet is looked at by each second. Ten of a device
 * at most, for that is what {@code /metrics/fleet} has of each; in the order of the catalogue, as a
 * page has it. No device has all: a GPU tells watts, a Neuron device a share of its most.
 */
public enum HotMetric {
  UP(Metric.ACCELERATOR_UP),
  UTILIZATION(Metric.ACCELERATOR_UTILIZATION_RATIO),
  MEMORY_USED(Metric.ACCELERATOR_MEMORY_USED_BYTES),
  CLOCK_SM(Metric.ACCELERATOR_CLOCK_HERTZ, "sm"),
  THROTTLE_HARDWARE(Metric.ACCELERATOR_THROTTLE_ACTIVE, "hw_slowdown"),
  POWER(Metric.ACCELERATOR_POWER_WATTS, "gpu"),
  POWER_UTILIZATION(Metric.ACCELERATOR_POWER_UTILIZATION_RATIO, "avg"),
  ENERGY(Metric.ACCELERATOR_ENERGY_JOULES_TOTAL, "gpu"),
  TEMPERATURE_CORE(Metric.ACCELERATOR_TEMPERATURE_CELSIUS, "core"),
  TEMPERATURE_MEMORY(Metric.ACCELERATOR_TEMPERATURE_CELSIUS, "memory");

  /** How many there are. */
  public static final int COUNT = values().length;

  private static final List<HotMetric> ALL = List.of(values());

  private final Metric metric;
  private final List<String> own;

  HotMetric(Metric metric, String... own) {
    this.metric = metric;
    this.own = List.of(own);
  }

  public static List<HotMetric> all() {
    return ALL;
  }

  /** Its place among them, from 0. */
  @SuppressWarnings("EnumOrdinal") // of this process alone: nothing on a disk or wire has it
  int column() {
    return ordinal();
  }

  public Metric metric() {
    return metric;
  }

  /** The family's own labels with the values that this one has. */
  public Map<String, String> labels() {
    return own.isEmpty() ? Map.of() : Map.of(ownNames().getFirst(), own.getFirst());
  }

  /** Names of the labels behind those of the accelerator. */
  public List<String> ownNames() {
    return metric
        .labels()
        .subList(Metric.Scope.ACCELERATOR.labels().size(), metric.labels().size());
  }

  /** Their values. */
  public List<String> ownValues() {
    return own;
  }

  /** The one that this series is of. */
  static Optional<HotMetric> of(Series series) {
    int first = Metric.Scope.ACCELERATOR.labels().size();
    for (HotMetric one : ALL) {
      if (one.metric == series.metric()
          && one.own.equals(series.labelValues().subList(first, series.labelValues().size()))) {
        return Optional.of(one);
      }
    }
    return Optional.empty();
  }

  /**
   * The one of a family by its name, and by the value of its own label where that is given; else
   * the family's first.
   */
  public static Optional<HotMetric> of(String family, Map<String, String> given) {
    return ALL.stream()
        .filter(one -> one.metric.familyName().equals(family))
        .filter(one ->
            one.labels().entrySet().stream()
                .allMatch(label ->
                    given.getOrDefault(label.getKey(), label.getValue()).equals(label.getValue())))
        .findFirst();
  }

  /** All families, for whoever named another. */
  public static List<String> families() {
    return Arrays.stream(values()).map(one -> one.metric.familyName()).distinct().toList();
  }
}
