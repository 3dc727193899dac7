package io.millwright.agent.lane;

import io.millwright.drivers.nvml.Demotion;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
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
  private Accelerator accelerator;
  private String stuckCall = "";
  private List<Demotion> demotions = List.of();
  private Slots slots;

  private record Slots(Readings readings, int up, int stuck, int spent, int demoted) {}

  DeviceStatus(Accelerator accelerator, Periods periods) {
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
    return readings.sample();
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
    return new Slots(new Readings(table.build()), up, stuck, spent, spent + 1);
  }
}
