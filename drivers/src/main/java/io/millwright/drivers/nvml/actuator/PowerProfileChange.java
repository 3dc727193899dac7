package io.millwright.drivers.nvml.actuator;

import java.util.Set;

/**
 * Workload power profiles that were asked for, and what became of that. By their numbers.
 *
 * @param uuid of the device
 * @param set what the driver was told: those of {@code asked} that the device has
 * @param requested all that are requested since, as read back
 * @param inForce those of them that the driver enforces, by its priorities
 */
public record PowerProfileChange(
    String uuid,
    Operation operation,
    Set<Integer> asked,
    Set<Integer> set,
    Set<Integer> requested,
    Set<Integer> inForce,
    Outcome outcome) {

  /**
   * What is done with the profiles that are requested already; {@code
   * NVML_POWER_PROFILE_OPERATION_*}.
   */
  public enum Operation {
    /** They stay, but for these. */
    CLEAR(0),
    /** They stay, and these come to them. */
    ADD(1),
    /** They go, and these come. */
    REPLACE(2);

    private final int code;

    Operation(int code) {
      this.code = code;
    }

    int code() {
      return code;
    }
  }

  public PowerProfileChange {
    asked = Set.copyOf(asked);
    set = Set.copyOf(set);
    requested = Set.copyOf(requested);
    inForce = Set.copyOf(inForce);
  }
}
