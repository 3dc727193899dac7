package io.millwright.drivers.nvml.binding;

/** The older name of the same. Signatures of {@code nvml.h}; pointers are addresses. */
public final class ClockThrottleCalls {
  private ClockThrottleCalls() {}

  public static native int nvmlDeviceGetCurrentClocksThrottleReasons(long device, long reasons);
}
