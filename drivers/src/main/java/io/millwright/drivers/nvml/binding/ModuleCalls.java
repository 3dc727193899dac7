package io.millwright.drivers.nvml.binding;

/**
 * A device's place on its baseboard; driver 535. Signatures of {@code nvml.h}; pointers are
 * addresses.
 */
public final class ModuleCalls {
  private ModuleCalls() {}

  public static native int nvmlDeviceGetModuleId(long device, long out);
}
