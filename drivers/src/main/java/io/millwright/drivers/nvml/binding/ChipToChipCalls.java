package io.millwright.drivers.nvml.binding;

/**
 * The way from a device to the processor of its module; driver 545. Signatures of {@code nvml.h};
 * pointers are addresses.
 */
public final class ChipToChipCalls {
  private ChipToChipCalls() {}

  public static native int nvmlDeviceGetC2cModeInfoV(long device, long out);
}
