package io.millwright.drivers.nvml.actuator;

import java.util.OptionalLong;
import java.util.Set;

/**
 * Changes devices, and says what took effect: each change is held to what the device allows, made,
 * and read back.
 *
 * <p><i>Threading:</i> one caller. <i>Failure:</i> never throws for what a device or its driver
 * does; may block for ever.
 */
public interface Actuator extends AutoCloseable {

  /**
   * Sets the highest power that a device may take.
   *
   * @param uuid of the device
   * @param milliwatts of the GPU alone; empty for the device's own default
   */
  PowerLimitChange powerLimit(String uuid, OptionalLong milliwatts);

  /**
   * Requests workload power profiles.
   *
   * @param profiles by the numbers of {@code NVML_POWER_PROFILE_*}
   */
  PowerProfileChange powerProfiles(
      String uuid, PowerProfileChange.Operation operation, Set<Integer> profiles);

  /** Lets go of the driver. */
  @Override
  void close();
}
