package io.millwright.agent.jobs;

import io.millwright.protocol.vocabulary.job.Usage;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** What a run used, from what was read before and after it. */
final class UsageAccount {
  /** A counter that is read later than this after the end tells of more than the run. */
  private static final Duration LATEST = Duration.ofSeconds(5);

  private UsageAccount() {}

  /** Reads all that can be read. */
  static Map<String, EnergyMeter.Reading> read(List<String> devices, EnergyMeter meter) {
    Map<String, EnergyMeter.Reading> readings = new LinkedHashMap<>();
    for (String device : devices) {
      meter.read(device).ifPresent(reading -> readings.put(device, reading));
    }
    return readings;
  }

  /**
   * @param ago since the end; empty when that is not known
   */
  static Usage of(Run run, Duration ran, Optional<Duration> ago, EnergyMeter meter) {
    double deviceSeconds = ran.toMillis() / 1000.0 * run.devices().size();
    boolean late = ago.isEmpty() || ago.get().compareTo(LATEST) > 0;
    OptionalDouble joules = late ? OptionalDouble.empty() : joules(run, read(run.devices(), meter));
    return new Usage(ran.toMillis(), deviceSeconds, joules, joules.isPresent() ? scope(run) : "");
  }

  private static String scope(Run run) {
    return run.meters().values().iterator().next().scope();
  }

  /** Empty when a device lacks a reading, counts something else than the others, or began anew. */
  private static OptionalDouble joules(Run run, Map<String, EnergyMeter.Reading> after) {
    double sum = 0;
    for (String device : run.devices()) {
      EnergyMeter.Reading first = run.meters().get(device);
      EnergyMeter.Reading last = after.get(device);
      if (first == null
          || last == null
          || !first.scope().equals(last.scope())
          || !first.scope().equals(scope(run))
          || last.joules() < first.joules()) {
        return OptionalDouble.empty();
      }
      sum += last.joules() - first.joules();
    }
    return run.devices().isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(sum);
  }
}
