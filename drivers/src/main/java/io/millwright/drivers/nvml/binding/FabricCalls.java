package io.millwright.drivers.nvml.binding;

/** Versioned registration with the fabric; driver 550. Signatures of {@code nvml.h}. */
public final class FabricCalls {
  private FabricCalls() {}

  public static native int nvmlDeviceGetGpuFabricInfoV(long device, long fabric);
}
