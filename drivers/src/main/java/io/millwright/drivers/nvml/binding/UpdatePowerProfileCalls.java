package io.millwright.drivers.nvml.binding;

/**
 * A setter, of the actuator alone: since R590. Signatures of {@code nvml.h}; pointers are
 * addresses.
 */
public final class UpdatePowerProfileCalls {
  private UpdatePowerProfileCalls() {}

  public static native int nvmlDeviceWorkloadPowerProfileUpdateProfiles_v1(
      long device, long update);
}
