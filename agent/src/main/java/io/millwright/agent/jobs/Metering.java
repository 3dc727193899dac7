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
 * Waits for readings of the energy counters that are new enough: those of a beginning at most
 * {@link #LATEST} behind it, those of an end likewise. What does not come in time stays unknown.
 * Owned by the thread {@code jobs}.
 */
final class Metering {
  /** A counter that is read later than this tells of more than the run. */
  private static final Duration LATEST = Duration.ofSeconds(5);

  private static final Duration LOOK = Duration.ofMillis(5);

  private final EnergyMeter meter;
  private final Clock clock;
  private final Map<RunId, Wait> beginnings = new HashMap<>();
  private final Map<RunId, Wait> ends = new HashMap<>();

  private record Wait(List<String> devices, long sinceNanos) {}

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
      beginnings.put(run, new Wait(devices, clock.nanos()));
      meter.refresh();
    }
  }

  void ended(RunId run, List<String> devices, Duration ago) {
    beginnings.remove(run); // it was shorter than a reading takes
    if (!devices.isEmpty() && ago.compareTo(LATEST) < 0) {
      ends.put(run, new Wait(devices, clock.nanos() - ago.toNanos()));
      meter.refresh();
    }
  }

  /** Whether the readings of a run's end are still to come. */
  boolean awaitsEnd(RunId run) {
    return ends.containsKey(run);
  }

  List<Settled> beginnings() {
    return settled(beginnings);
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
      } else if (clock.nanos() - wait.sinceNanos() > LATEST.toNanos()) {
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
