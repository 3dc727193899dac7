package io.millwright.drivers.nvml.binding;

/** Registration with the fabric as driver 525 had it first. Signatures of {@code nvml.h}. */
public final class FirstFabricCalls {
  private FirstFabricCalls() {}

  public static native int nvmlDeviceGetGpuFabricInfo(long device, long fabric);
}
