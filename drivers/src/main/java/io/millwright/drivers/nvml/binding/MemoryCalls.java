package io.millwright.drivers.nvml.binding;

/**
 * Device memory with what the driver reserves apart; driver 510. Signatures of {@code nvml.h};
 * pointers are addresses.
 */
public final class MemoryCalls {
  private MemoryCalls() {}

  public static native int nvmlDeviceGetMemoryInfo_v2(long device, long memory);
}
