package io.millwright.drivers.nvml.binding;

/**
 * Degrees to the first slowdown; driver 570. Signatures of {@code nvml.h}; pointers are addresses.
 */
public final class MarginCalls {
  private MarginCalls() {}

  public static native int nvmlDeviceGetMarginTemperature(long device, long margin);
}
