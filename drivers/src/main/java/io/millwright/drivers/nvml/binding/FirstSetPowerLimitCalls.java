package io.millwright.drivers.nvml.binding;

/** A setter, of the actuator alone. Signatures of {@code nvml.h}. */
public final class FirstSetPowerLimitCalls {
  private FirstSetPowerLimitCalls() {}

  public static native int nvmlDeviceSetPowerManagementLimit(long device, int milliwatts);
}
