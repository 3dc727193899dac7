package io.millwright.agent.lane;

import io.millwright.drivers.nvml.Demotion;
import io.millwright.drivers.nvml.PartitionMode;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Periods;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.List;
import java.util.Optional;

/**
 * What the agent itself knows of a device: whether it answers, and which call hangs.
 *
 * <p><i>Threading:</i> the sampler's thread only.
 */
final class DeviceStatus {
  private final Periods periods;
  private final Metric.Tier tier;
  private Accelerator accelerator;
  private String stuckCall = "";
  private List<Demotion> demotions = List.of();
  private PartitionMode mode = PartitionMode.UNKNOWN;
  private List<Instance> instances = List.of();
  private Slots slots;

  /** A MIG instance and whether it answers. */
  record Instance(Accelerator accelerator, boolean up) {}

  private record Slots(
      Readings readings, int up, int stuck, int spent, int demoted, int instances, int mode) {}

  DeviceStatus(Accelerator accelerator, Periods periods, Metric.Tier tier) {
    this.tier = tier;
    this.periods = periods;
    this.accelerator = accelerator;
    this.slots = layOut();
  }

  /** The device was found again, perhaps at another index. */
  void identify(Accelerator now) {
    if (!now.equals(accelerator)) {
      accelerator = now;
      slots = layOut();
    }
  }

  /** These calls are made less often than they should be from now on, and no others. */
  void demoted(List<Demotion> now) {
    if (!now.equals(demotions)) {
      demotions = now;
      slots = layOut();
    }
  }

  /** How it is divided. */
  void divided(PartitionMode nowMode, List<Instance> now) {
    boolean anew = nowMode != mode || !accelerators(now).equals(accelerators(instances));
    mode = nowMode;
    instances = now;
    if (anew) {
      slots = layOut();
    }
  }

  private static List<Accelerator> accelerators(List<Instance> instances) {
    return instances.stream().map(Instance::accelerator).toList();
  }

  /**
   * The state as of a tick.
   *
   * @param spentNanos time of the lane's native calls since it began
   */
  Sample sample(Tick tick, boolean up, Optional<CallClock.InFlight> stuck, long spentNanos) {
    String call = stuck.map(CallClock.InFlight::call).orElse(stuckCall);
    if (!call.equals(stuckCall)) {
      stuckCall = call;
      slots = layOut();
    }
    Readings readings = slots.readings();
    readings.at(tick.nanos());
    readings.measured(slots.up(), up ? 1 : 0);
    readings.measured(slots.spent(), spentNanos / 1e9);
    for (int i = 0; i < demotions.size(); i++) {
      readings.measured(
          slots.demoted() + i, (double) periods.nanos(demotions.get(i).cadence()) / 1e9);
    }
    stuck.ifPresentOrElse(
        flight -> readings.measured(slots.stuck(), flight.age().toNanos() / 1e9),
        () -> readings.unsupported(slots.stuck()));
    for (int i = 0; i < instances.size(); i++) {
      boolean answers = up && instances.get(i).up();
      readings.measured(slots.instances() + i, answers ? 1 : 0);
    }
    if (tellsMode()) {
      tellMode(readings);
    }
    return readings.sample();
  }

  /**
   * A device that is divided, or of which it is not known, says so on every tier: no job can be
   * given the whole of it.
   */
  private boolean tellsMode() {
    return mode == PartitionMode.ON
        || mode == PartitionMode.UNKNOWN
        || Metric.ACCELERATOR_PARTITION_MODE_ENABLED.tier().compareTo(tier) <= 0;
  }

  private void tellMode(Readings readings) {
    switch (mode) {
      case ON -> readings.measured(slots.mode(), 1);
      case OFF -> readings.measured(slots.mode(), 0);
      case ABSENT -> readings.unsupported(slots.mode());
      case UNKNOWN -> readings.unavailable(slots.mode(), Fault.OTHER);
    }
  }

  private Slots layOut() {
    SeriesTable.Builder table = SeriesTable.builder();
    int up = table.add(Cadence.FAST, Series.of(Metric.ACCELERATOR_UP, accelerator));
    int stuck =
        table.add(
            Cadence.FAST,
            Series.of(Metric.ACCELERATOR_NATIVE_CALL_STUCK_SECONDS, accelerator, stuckCall));
    int spent =
        table.add(
            Cadence.FAST, Series.of(Metric.ACCELERATOR_NATIVE_CALL_SECONDS_TOTAL, accelerator));
    for (Demotion demotion : demotions) {
      table.add(
          Cadence.FAST,
          Series.of(
              Metric.ACCELERATOR_NATIVE_CALL_DEMOTED_PERIOD_SECONDS, accelerator, demotion.call()));
    }
    int demoted = spent + 1;
    int first = demoted + demotions.size();
    for (Instance instance : instances) {
      table.add(Cadence.FAST, Series.of(Metric.ACCELERATOR_UP, instance.accelerator()));
    }
    int last = first + instances.size();
    if (tellsMode()) {
      table.add(Cadence.FAST, Series.of(Metric.ACCELERATOR_PARTITION_MODE_ENABLED, accelerator));
    }
    return new Slots(new Readings(table.build()), up, stuck, spent, demoted, first, last);
  }
}
