package io.millwright.protocol.vocabulary.job;

import java.util.OptionalDouble;

/**
 * What a run used.
 *
 * @param wallMs from the start of its process to its end
 * @param deviceSeconds wall time times devices
 * @param joules difference of the devices' energy counters; empty where a device has none or one
 *     was not read
 * @param energyScope what the counter measures, as in {@code gpu} or {@code module}; empty without
 *     joules
 */
public record Usage(long wallMs, double deviceSeconds, OptionalDouble joules, String energyScope) {
  public Usage {
    Wording.between("wall_ms", wallMs, 0, Long.MAX_VALUE);
    Wording.amount("device_seconds", deviceSeconds);
    joules.ifPresent(given -> Wording.amount("joules", given));
  }

  public static final Usage NONE = new Usage(0, 0, OptionalDouble.empty(), "");
}
