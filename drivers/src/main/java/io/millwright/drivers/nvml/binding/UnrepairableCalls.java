package io.millwright.drivers.nvml.binding;

/**
 * Memory that cannot be repaired; driver 590. Signatures of {@code nvml.h}; pointers are addresses.
 */
public final class UnrepairableCalls {
  private UnrepairableCalls() {}

  public static native int nvmlDeviceGetUnrepairableMemoryFlag_v1(long device, long out);
}
