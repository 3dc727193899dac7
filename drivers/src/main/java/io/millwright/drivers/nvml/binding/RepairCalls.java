package io.millwright.drivers.nvml.binding;

/**
 * Repairs that take effect with the next reset; driver 580. Signatures of {@code nvml.h}; pointers
 * are addresses.
 */
public final class RepairCalls {
  private RepairCalls() {}

  public static native int nvmlDeviceGetRepairStatus(long device, long out);
}
