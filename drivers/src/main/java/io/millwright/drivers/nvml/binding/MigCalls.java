package io.millwright.drivers.nvml.binding;

/**
 * How a device is divided (MIG); driver 450. Signatures of {@code nvml.h}; pointers are addresses.
 */
public final class MigCalls {
  private MigCalls() {}

  public static native int nvmlDeviceGetMigMode(long device, long current, long pending);

  public static native int nvmlDeviceGetMaxMigDeviceCount(long device, long count);

  public static native int nvmlDeviceGetMigDeviceHandleByIndex(long device, int index, long mig);

  public static native int nvmlDeviceGetGpuInstanceId(long device, long id);

  public static native int nvmlDeviceGetComputeInstanceId(long device, long id);
}
