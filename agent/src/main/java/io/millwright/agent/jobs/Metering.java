package io.millwright.agent.jobs;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.job.RunId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Waits for readings of the energy counters that are near enough to a run's beginning and end. What
 * does not come in time, or came too late to stand for a run so short, stays unknown. Owned by the
 * thread {@code jobs}.
 */
final class Metering {
  private static final Duration LATEST_BEGINNING = Duration.ofMillis(500);
  private static final Duration LATEST_END = Duration.ofSeconds(5);
  private static final Duration LOOK = Duration.ofMillis(5);

  /** Of a run's time that may pass before its first reading. */
  private static final int SHARE = 10;

  private final EnergyMeter meter;
  private final Clock clock;
  private final Map<RunId, Wait> beginnings = new HashMap<>();
  private final Map<RunId, Wait> ends = new HashMap<>();
  private final Map<RunId, Long> late = new HashMap<>();

  private record Wait(List<String> devices, long sinceNanos, long longestNanos) {}

  /**
   * The readings of one run.
   *
   * @param values by UUID; empty where they did not come in time
   */
  record Settled(RunId run, Map<String, EnergyMeter.Reading> values) {}

  Metering(EnergyMeter meter, Clock clock) {
    this.meter = meter;
    this.clock = clock;
  }

  void began(RunId run, List<String> devices) {
    if (!devices.isEmpty()) {
      beginnings.put(run, new Wait(devices, clock.nanos(), LATEST_BEGINNING.toNanos()));
      meter.refresh();
    }
  }

  /**
   * @param begun whether the first readings are known
   */
  void ended(RunId run, List<String> devices, Duration ran, Duration ago, boolean begun) {
    beginnings.remove(run); // what comes now tells of the time after it
    Long lateNanos = late.remove(run);
    boolean near = lateNanos == null || lateNanos * SHARE <= ran.toNanos();
    if (begun && near && ago.compareTo(LATEST_END) < 0) {
      ends.put(run, new Wait(devices, clock.nanos() - ago.toNanos(), LATEST_END.toNanos()));
      meter.refresh();
    }
  }

  /** The run is over, however that came. */
  void forget(RunId run) {
    beginnings.remove(run);
    ends.remove(run);
    late.remove(run);
  }

  /** Whether the readings of a run's end are still to come. */
  boolean awaitsEnd(RunId run) {
    return ends.containsKey(run);
  }

  List<Settled> beginnings() {
    Map<RunId, Wait> before = Map.copyOf(beginnings);
    List<Settled> settled = settled(beginnings);
    for (Settled one : settled) {
      Wait wait = before.get(one.run());
      if (wait != null) {
        late.put(one.run(), clock.nanos() - wait.sinceNanos());
      }
    }
    return settled;
  }

  List<Settled> ends() {
    return settled(ends);
  }

  private List<Settled> settled(Map<RunId, Wait> waiting) {
    List<Settled> settled = new ArrayList<>();
    waiting.forEach((run, wait) -> {
      Map<String, EnergyMeter.Reading> values = read(wait);
      if (values.size() == wait.devices().size()) {
        settled.add(new Settled(run, values));
      } else if (clock.nanos() - wait.sinceNanos() > wait.longestNanos()) {
        settled.add(new Settled(run, Map.of()));
      }
    });
    settled.forEach(one -> waiting.remove(one.run()));
    return settled;
  }

  private Map<String, EnergyMeter.Reading> read(Wait wait) {
    Map<String, EnergyMeter.Reading> values = new LinkedHashMap<>();
    for (String device : wait.devices()) {
      meter.read(device, wait.sinceNanos()).ifPresent(value -> values.put(device, value));
    }
    return values;
  }

  /** When to look again; empty while nothing is awaited. */
  OptionalLong next() {
    return beginnings.isEmpty() && ends.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(clock.nanos() + LOOK.toNanos());
  }
}
