package io.millwright.agent.lane;

import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * How many accelerators of one vendor the node has and should have. The sampler's thread only.
 *
 * <p>Where all are of one model the driver's own count stands; where models are mixed, which the
 * driver does not tell apart, the devices that were opened are counted by model.
 */
final class NodeStatus {
  private final String node;
  private final String vendor;
  private final Supplier<OptionalInt> expected;
  private List<String> models = List.of();
  private Readings readings;

  /**
   * What a vendor's driver counts.
   *
   * @param driver whether there is a driver
   * @param atNanos monotonic time of the count
   */
  record Count(boolean driver, int devices, long atNanos) {}

  NodeStatus(String node, String vendor, Supplier<OptionalInt> expected) {
    this.node = node;
    this.vendor = vendor;
    this.expected = expected;
    this.readings = layOut(models);
  }

  /**
   * The count as of a tick.
   *
   * @param opened models of the devices that were opened
   */
  Sample sample(Tick tick, Count count, List<String> opened) {
    Map<String, Long> counts = new TreeMap<>(byModel(opened));
    List<String> now = List.copyOf(counts.keySet());
    if (!now.equals(models)) {
      models = now;
      readings = layOut(now);
    }
    readings.at(tick.nanos());
    expected
        .get()
        .ifPresentOrElse(devices -> readings.measured(0, devices), () -> readings.unsupported(0));
    readings.at(count.atNanos());
    for (int i = 0; i < models.size(); i++) {
      if (!count.driver()) {
        readings.unavailable(1 + i, Fault.NOT_FOUND);
        continue;
      }
      long devices = models.size() == 1 ? count.devices() : counts.getOrDefault(models.get(i), 0L);
      readings.measured(1 + i, (double) devices);
    }
    return readings.sample();
  }

  private static Map<String, Long> byModel(List<String> opened) {
    return opened.stream().collect(Collectors.groupingBy(model -> model, Collectors.counting()));
  }

  private Readings layOut(List<String> known) {
    SeriesTable.Builder table = SeriesTable.builder();
    table.add(Cadence.FAST, Series.of(Metric.NODE_ACCELERATORS_EXPECTED, node, vendor));
    known.forEach(model ->
        table.add(Cadence.MEDIUM, Series.of(Metric.NODE_ACCELERATORS, node, vendor, model)));
    return new Readings(table.build());
  }
}
