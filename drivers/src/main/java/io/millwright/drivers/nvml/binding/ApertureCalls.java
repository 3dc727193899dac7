package io.millwright.drivers.nvml.binding;

/**
 * The window of the bus into the memory of the device. Signatures of {@code nvml.h}; pointers are
 * addresses.
 */
public final class ApertureCalls {
  private ApertureCalls() {}

  public static native int nvmlDeviceGetBAR1MemoryInfo(long device, long out);
}
