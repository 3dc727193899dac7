package io.millwright.drivers.nvml.binding;

/** Why clocks are held down; driver 535. Signatures of {@code nvml.h}; pointers are addresses. */
public final class ClockEventCalls {
  private ClockEventCalls() {}

  public static native int nvmlDeviceGetCurrentClocksEventReasons(long device, long reasons);
}
