package io.millwright.drivers.nvml.binding;

/** Coarse busy time. Signatures of {@code nvml.h}; pointers are addresses. */
public final class UtilizationCalls {
  private UtilizationCalls() {}

  public static native int nvmlDeviceGetUtilizationRates(long device, long utilization);
}
