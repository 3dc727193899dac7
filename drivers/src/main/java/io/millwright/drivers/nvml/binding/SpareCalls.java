package io.millwright.drivers.nvml.binding;

/**
 * Banks of memory by the rows they have left to remap to. Signatures of {@code nvml.h}; pointers
 * are addresses.
 */
public final class SpareCalls {
  private SpareCalls() {}

  public static native int nvmlDeviceGetRowRemapperHistogram(long device, long out);
}
