package io.millwright.agent.jobs;

import io.millwright.protocol.vocabulary.job.Usage;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalDouble;

/** What a run used, from what was read before and after it. Pure. */
final class UsageAccount {
  private UsageAccount() {}

  /** Without energy. */
  static Usage of(Run run, Duration ran) {
    double deviceSeconds = ran.toMillis() / 1000.0 * run.devices().size();
    return new Usage(ran.toMillis(), deviceSeconds, OptionalDouble.empty(), "");
  }

  /** With the energy between the readings of the run and these. */
  static Usage with(Usage usage, Run run, Map<String, EnergyMeter.Reading> after) {
    OptionalDouble joules = joules(run, after);
    return new Usage(
        usage.wallMs(), usage.deviceSeconds(), joules, joules.isPresent() ? scope(run) : "");
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
