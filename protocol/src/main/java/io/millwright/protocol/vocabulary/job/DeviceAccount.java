package io.millwright.protocol.vocabulary.job;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * What a run used of one accelerator: differences of the device's own counters between a reading
 * before the run and one after it, and what samples in between showed. What was not read at both
 * ends, or fell in between, is absent.
 *
 * @param seconds for which the run had it
 * @param joules growth of its energy counter
 * @param energyScope what that counter covers, as in {@code gpu}; empty without joules
 * @param utilization mean over the samples, 0 to 1
 * @param peakUtilization highest of the samples, 0 to 1
 * @param peakMemoryBytes most memory in use on it of the samples
 * @param watts mean of its own power over the samples
 * @param peakWatts highest of the samples
 * @param grew growth of other counters by family, as in {@code throttle_seconds}, and what of it,
 *     as in {@code hw_thermal}; a family without entries was read and stood still
 */
public record DeviceAccount(
    String uuid,
    double seconds,
    OptionalDouble joules,
    String energyScope,
    OptionalDouble utilization,
    OptionalDouble peakUtilization,
    OptionalDouble peakMemoryBytes,
    OptionalDouble watts,
    OptionalDouble peakWatts,
    Map<String, Map<String, Double>> grew) {
  private static final int LONGEST_WORD = 128;

  /** Three hundred years: more, once summed, would hide every other account. */
  private static final double MOST_SECONDS = 1e10;

  private static final double MOST_WATTS = 1e6;
  private static final int MOST_FAMILIES = 16;
  private static final int MOST_ENTRIES = 64;

  public DeviceAccount {
    Wording.text("uuid", uuid, LONGEST_WORD);
    Wording.text("energy_scope", energyScope, LONGEST_WORD);
    Wording.amount("seconds", seconds, MOST_SECONDS);
    joules.ifPresent(given -> Wording.amount("joules", given));
    utilization.ifPresent(given -> Wording.amount("utilization", given));
    peakUtilization.ifPresent(given -> Wording.amount("peak_utilization", given));
    peakMemoryBytes.ifPresent(given -> Wording.amount("peak_memory_bytes", given));
    watts.ifPresent(given -> Wording.amount("watts", given, MOST_WATTS));
    peakWatts.ifPresent(given -> Wording.amount("peak_watts", given, MOST_WATTS));
    Wording.between("grew", grew.size(), 0, MOST_FAMILIES);
    Map<String, Map<String, Double>> copied = new TreeMap<>();
    grew.forEach((family, entries) -> {
      Wording.text("grew", family, LONGEST_WORD);
      Wording.between("grew." + family, entries.size(), 0, MOST_ENTRIES);
      entries.forEach((what, amount) -> {
        Wording.text("grew." + family, what, LONGEST_WORD);
        Wording.amount("grew." + family, amount);
      });
      copied.put(family, Map.copyOf(entries));
    });
    grew = Map.copyOf(copied);
  }
}
