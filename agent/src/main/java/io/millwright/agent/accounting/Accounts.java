package io.millwright.agent.accounting;

import io.millwright.protocol.vocabulary.job.DeviceAccount;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;

/** Puts readings before and after a run, and gauges in between, into its account. Pure. */
public final class Accounts {
  private Accounts() {}

  /** What a run used of one device that it had for so long. */
  public static DeviceAccount of(
      String uuid, double seconds, Counters before, Counters after, Gauges gauges) {
    Map<String, Map<String, Double>> grew = new HashMap<>(before.until(after));
    Map<String, Double> energy = grew.remove(Counters.ENERGY);
    String scope = energy == null ? "" : scope(after);
    return new DeviceAccount(
        uuid,
        seconds,
        energy == null
            ? OptionalDouble.empty()
            : OptionalDouble.of(energy.getOrDefault(scope, 0.0)),
        scope,
        gauges.utilization(uuid),
        gauges.peakUtilization(uuid),
        gauges.peakMemoryBytes(uuid),
        gauges.watts(uuid),
        gauges.peakWatts(uuid),
        grew);
  }

  private static String scope(Counters counters) {
    return counters.values().getOrDefault(Counters.ENERGY, Map.of()).keySet().iterator().next();
  }

  /** Share of so many seconds that was seen, 0 to 1. */
  public static double coverage(Gauges gauges, double seconds) {
    return seconds <= 0 ? 0 : Math.min(1, gauges.seenSeconds() / seconds);
  }
}
