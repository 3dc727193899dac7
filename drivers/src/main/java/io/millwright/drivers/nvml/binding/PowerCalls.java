package io.millwright.drivers.nvml.binding;

/**
 * Power, limits and energy by function; the fields give more where the driver has them. Signatures
 * of {@code nvml.h}; pointers are addresses.
 */
public final class PowerCalls {
  private PowerCalls() {}

  public static native int nvmlDeviceGetPowerUsage(long device, long milliwatts);

  public static native int nvmlDeviceGetTotalEnergyConsumption(long device, long millijoules);

  public static native int nvmlDeviceGetEnforcedPowerLimit(long device, long milliwatts);

  public static native int nvmlDeviceGetPowerManagementLimit(long device, long milliwatts);

  public static native int nvmlDeviceGetPowerManagementLimitConstraints(
      long device, long least, long most);

  public static native int nvmlDeviceGetPowerManagementDefaultLimit(long device, long milliwatts);
}
