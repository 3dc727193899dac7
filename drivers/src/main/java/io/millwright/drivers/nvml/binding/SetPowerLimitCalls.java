package io.millwright.drivers.nvml.binding;

/**
 * A setter, of the actuator alone: since R535. Signatures of {@code nvml.h}; pointers are
 * addresses.
 */
public final class SetPowerLimitCalls {
  private SetPowerLimitCalls() {}

  public static native int nvmlDeviceSetPowerManagementLimit_v2(long device, long power);
}
