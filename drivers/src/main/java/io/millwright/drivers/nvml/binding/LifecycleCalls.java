package io.millwright.drivers.nvml.binding;

/**
 * What every library since driver 450 has; without these it is not NVML. Signatures of {@code
 * nvml.h}; pointers are addresses.
 */
public final class LifecycleCalls {
  private LifecycleCalls() {}

  public static native int nvmlInit_v2();

  public static native int nvmlShutdown();

  public static native int nvmlSystemGetDriverVersion(long version, int length);

  public static native int nvmlDeviceGetCount_v2(long count);

  public static native int nvmlDeviceGetHandleByIndex_v2(int index, long device);

  public static native int nvmlDeviceGetHandleByUUID(long uuid, long device);
}
