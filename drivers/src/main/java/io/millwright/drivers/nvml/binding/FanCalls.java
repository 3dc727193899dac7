package io.millwright.drivers.nvml.binding;

/** Fans; driver 510. Signatures of {@code nvml.h}; pointers are addresses. */
public final class FanCalls {
  private FanCalls() {}

  public static native int nvmlDeviceGetNumFans(long device, long out);

  public static native int nvmlDeviceGetFanSpeed_v2(long device, int fan, long percent);
}
