package io.millwright.agent.lane;

import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the agent itself knows of a device: whether it answers, which call hangs, which errors it
 * has reported.
 *
 * <p><i>Threading:</i> the sampler's thread only.
 */
final class DeviceStatus {
  private static final String SOURCE = "xid";

  private Accelerator accelerator;
  private boolean watched;
  private final Map<ErrorCode, Occurrences> errors = new TreeMap<>();
  private String stuckCall = "";
  private Slots slots;

  /** An error code as its labels have it. */
  record ErrorCode(String code, String severity) implements Comparable<ErrorCode> {
    @Override
    public int compareTo(ErrorCode other) {
      int bySeverity = severity.compareTo(other.severity);
      return bySeverity != 0 ? bySeverity : code.compareTo(other.code);
    }
  }

  private record Occurrences(long count, Optional<Instant> last) {}

  private record ErrorSlots(ErrorCode code, int total, int last) {}

  private record Slots(Readings readings, int up, int stuck, List<ErrorSlots> errors) {}

  DeviceStatus(Accelerator accelerator) {
    this.accelerator = accelerator;
    this.slots = layOut();
  }

  /** The device was found again, perhaps at another index; its counts go on. */
  void identify(Accelerator now) {
    if (!now.equals(accelerator)) {
      accelerator = now;
      slots = layOut();
    }
  }

  /**
   * The driver tells of errors from now on.
   *
   * @param fatal codes that count from 0, so that their first occurrence alerts
   */
  void watch(List<ErrorCode> fatal) {
    if (watched) {
      return;
    }
    watched = true;
    fatal.forEach(code -> errors.putIfAbsent(code, new Occurrences(0, Optional.empty())));
    slots = layOut();
  }

  void occurred(ErrorCode code, Instant at) {
    Occurrences before = errors.get(code);
    errors.put(code, new Occurrences(before == null ? 1 : before.count() + 1, Optional.of(at)));
    if (before == null) {
      slots = layOut();
    }
  }

  /** The state as of a tick. */
  Sample sample(Tick tick, boolean up, Optional<CallClock.InFlight> stuck) {
    String call = stuck.map(CallClock.InFlight::call).orElse(stuckCall);
    if (!call.equals(stuckCall)) {
      stuckCall = call;
      slots = layOut();
    }
    Readings readings = slots.readings();
    readings.at(tick.nanos());
    readings.measured(slots.up(), up ? 1 : 0);
    stuck.ifPresentOrElse(
        flight -> readings.measured(slots.stuck(), flight.age().toNanos() / 1e9),
        () -> readings.unsupported(slots.stuck()));
    slots.errors().forEach(this::write);
    return readings.sample();
  }

  private void write(ErrorSlots error) {
    Occurrences seen = errors.getOrDefault(error.code(), new Occurrences(0, Optional.empty()));
    slots.readings().measured(error.total(), (double) seen.count());
    seen.last().ifPresent(at -> slots.readings().measured(error.last(), at.toEpochMilli() / 1e3));
  }

  private Slots layOut() {
    SeriesTable.Builder table = SeriesTable.builder();
    int up = table.add(Cadence.FAST, Series.of(Metric.ACCELERATOR_UP, accelerator));
    int stuck =
        table.add(
            Cadence.FAST,
            Series.of(Metric.ACCELERATOR_NATIVE_CALL_STUCK_SECONDS, accelerator, stuckCall));
    List<ErrorSlots> errorSlots = new ArrayList<>();
    errors.keySet().forEach(code -> errorSlots.add(addError(table, code)));
    return new Slots(new Readings(table.build()), up, stuck, List.copyOf(errorSlots));
  }

  private ErrorSlots addError(SeriesTable.Builder table, ErrorCode code) {
    return new ErrorSlots(
        code,
        table.add(Cadence.FAST, series(Metric.ACCELERATOR_ERROR_EVENTS_TOTAL, code)),
        table.add(
            Cadence.FAST, series(Metric.ACCELERATOR_ERROR_EVENT_LAST_TIMESTAMP_SECONDS, code)));
  }

  private Series series(Metric metric, ErrorCode code) {
    return Series.of(metric, accelerator, SOURCE, code.code(), code.severity());
  }
}
