package io.millwright.drivers.nvml.binding;

/** GPM, Hopper and later; driver 520. Signatures of {@code nvml.h}; pointers are addresses. */
public final class GpmCalls {
  private GpmCalls() {}

  public static native int nvmlGpmQueryDeviceSupport(long device, long support);

  public static native int nvmlGpmSampleAlloc(long sample);

  public static native int nvmlGpmSampleFree(long sample);

  public static native int nvmlGpmSampleGet(long device, long sample);

  public static native int nvmlGpmMetricsGet(long metrics);
}
