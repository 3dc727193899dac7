package io.millwright.agent.accounting;

import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The counters of one device as a snapshot has them.
 *
 * @param whole whether each counter that the device has was read since then; what was not is left
 *     out
 */
public record CounterReading(Counters counters, boolean whole) {
  private static final int UUID = 2;

  /** First of a family's own labels, behind the five of every device. */
  private static final int OWN = 5;

  /** Of a counter that covers several devices a run cannot be told its share. */
  private static final Set<String> SCOPES = Set.of("gpu");

  private static final Map<Metric, String> FAMILIES =
      Map.of(
          Metric.ACCELERATOR_ENERGY_JOULES_TOTAL, Counters.ENERGY,
          Metric.ACCELERATOR_THROTTLE_SECONDS_TOTAL, "throttle_seconds",
          Metric.ACCELERATOR_ERROR_EVENTS_TOTAL, "errors",
          Metric.ACCELERATOR_ECC_ERRORS_TOTAL, "ecc",
          Metric.ACCELERATOR_PCIE_RECEIVE_BYTES_TOTAL, "pcie_receive_bytes",
          Metric.ACCELERATOR_PCIE_TRANSMIT_BYTES_TOTAL, "pcie_transmit_bytes",
          Metric.ACCELERATOR_LINK_RECEIVE_BYTES_TOTAL, "link_receive_bytes",
          Metric.ACCELERATOR_LINK_TRANSMIT_BYTES_TOTAL, "link_transmit_bytes",
          Metric.ACCELERATOR_CORE_BUSY_SECONDS_TOTAL, "core_busy_seconds");

  /**
   * @param sinceNanos monotonic time; what was read before it does not count
   */
  public static CounterReading of(NodeSnapshot snapshot, String uuid, long sinceNanos) {
    Map<String, Map<String, Double>> values = new HashMap<>();
    Set<String> broken = new HashSet<>();
    boolean whole = true;
    for (Sample sample : snapshot.samples()) {
      for (int i = 0; i < sample.table().size(); i++) {
        Series series = sample.table().series(i);
        Optional<String> family = family(series, uuid);
        if (family.isEmpty() || sample.unsupported(i)) {
          continue;
        }
        boolean fresh = sample.readAtNanos(i) - sinceNanos >= 0;
        whole &= fresh;
        if (fresh && sample.measured(i)) {
          values
              .computeIfAbsent(family.get(), first -> new HashMap<>())
              .merge(what(series), sample.value(i), Double::sum);
        } else {
          broken.add(family.get());
        }
      }
    }
    values.keySet().removeAll(broken);
    return new CounterReading(new Counters(values), whole && !values.isEmpty());
  }

  private static Optional<String> family(Series series, String uuid) {
    String family = FAMILIES.get(series.metric());
    if (family == null || !series.labelValues().get(UUID).equals(uuid)) {
      return Optional.empty();
    }
    boolean ours = !family.equals(Counters.ENERGY) || SCOPES.contains(what(series));
    return ours ? Optional.of(family) : Optional.empty();
  }

  /** What of the family it is; links and cores are added up. */
  private static String what(Series series) {
    List<String> own = series.labelValues().subList(OWN, series.labelValues().size());
    return switch (series.metric()) {
      case ACCELERATOR_ERROR_EVENTS_TOTAL, ACCELERATOR_ECC_ERRORS_TOTAL ->
          own.get(0) + " " + own.get(1);
      case ACCELERATOR_LINK_RECEIVE_BYTES_TOTAL, ACCELERATOR_LINK_TRANSMIT_BYTES_TOTAL ->
          own.getLast();
      case ACCELERATOR_CORE_BUSY_SECONDS_TOTAL -> "cores";
      default -> own.isEmpty() ? "all" : own.getFirst();
    };
  }
}
