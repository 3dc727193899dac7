package io.millwright.agent;

import io.millwright.agent.jobs.DeviceGate;
import io.millwright.agent.jobs.EnergyMeter;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.job.DeviceSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The accelerators as the newest snapshot shows them, for those who give them to jobs.
 *
 * <p><i>Threading:</i> any thread.
 */
final class SeenDevices implements DeviceGate, EnergyMeter {
  private static final int UUID = 2;

  /** Of a counter that covers several devices a job cannot be told its share. */
  private static final List<String> SCOPES = List.of("gpu");

  private final Supplier<NodeSnapshot> snapshot;
  private final Runnable refresh;

  /**
   * @param refresh asks for the next snapshot before its time
   */
  SeenDevices(Supplier<NodeSnapshot> snapshot, Runnable refresh) {
    this.snapshot = snapshot;
    this.refresh = refresh;
  }

  @Override
  public void refresh() {
    refresh.run();
  }

  /** How many accelerators have been seen, in whatever state. */
  int count() {
    return values(Metric.ACCELERATOR_UP).size();
  }

  @Override
  public Optional<String> refusal(DeviceSet devices) {
    Map<String, Double> up = values(Metric.ACCELERATOR_UP);
    return devices.uuids().stream()
        .filter(uuid -> up.getOrDefault(uuid, -1.0) != 1)
        .findFirst()
        .map(uuid ->
            "devices: '%s' %s on this node"
                .formatted(uuid, up.containsKey(uuid) ? "does not answer" : "is not known"));
  }

  @Override
  public Optional<Reading> read(String uuid, long sinceNanos) {
    for (Sample sample : snapshot.get().samples()) {
      for (int i = 0; i < sample.table().size(); i++) {
        Series series = sample.table().series(i);
        if (series.metric() == Metric.ACCELERATOR_ENERGY_JOULES_TOTAL
            && series.labelValues().get(UUID).equals(uuid)
            && SCOPES.contains(series.labelValues().getLast())
            && sample.measured(i)
            && sample.readAtNanos(i) - sinceNanos >= 0) {
          return Optional.of(new Reading(sample.value(i), series.labelValues().getLast()));
        }
      }
    }
    return Optional.empty();
  }

  private Map<String, Double> values(Metric metric) {
    Map<String, Double> values = new HashMap<>();
    for (Sample sample : snapshot.get().samples()) {
      for (int i = 0; i < sample.table().size(); i++) {
        Series series = sample.table().series(i);
        if (series.metric() == metric) {
          values.put(
              series.labelValues().get(UUID), sample.measured(i) ? sample.value(i) : Double.NaN);
        }
      }
    }
    return values;
  }
}
