package io.millwright.drivers.nvml.binding;

/**
 * Setters, of the actuator alone: R570, deprecated by R610. Signatures of {@code nvml.h}; pointers
 * are addresses.
 */
public final class FirstUpdatePowerProfileCalls {
  private FirstUpdatePowerProfileCalls() {}

  public static native int nvmlDeviceWorkloadPowerProfileSetRequestedProfiles(
      long device, long requested);

  public static native int nvmlDeviceWorkloadPowerProfileClearRequestedProfiles(
      long device, long requested);
}
