package io.millwright.drivers.nvml.binding;

/**
 * Performance state and the modes that an administrator sets. Signatures of {@code nvml.h};
 * pointers are addresses.
 */
public final class ModeCalls {
  private ModeCalls() {}

  public static native int nvmlDeviceGetPerformanceState(long device, long out);

  public static native int nvmlDeviceGetPersistenceMode(long device, long out);

  public static native int nvmlDeviceGetComputeMode(long device, long out);
}
