package io.millwright.drivers.nvml.binding;

/**
 * Workload power profiles, read: since R570. Signatures of {@code nvml.h}; pointers are addresses.
 */
public final class PowerProfileCalls {
  private PowerProfileCalls() {}

  public static native int nvmlDeviceWorkloadPowerProfileGetCurrentProfiles(
      long device, long profiles);
}
