package io.millwright.drivers.nvml.binding;

/** Clocks. Signatures of {@code nvml.h}; pointers are addresses. */
public final class ClockCalls {
  private ClockCalls() {}

  public static native int nvmlDeviceGetClockInfo(long device, int domain, long megahertz);

  public static native int nvmlDeviceGetMaxClockInfo(long device, int domain, long megahertz);
}
