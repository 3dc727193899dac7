package io.millwright.drivers.nvml.binding;

/**
 * Errors of the on-chip memory and the limit for a return; driver 550. Signatures of {@code
 * nvml.h}; pointers are addresses.
 */
public final class SramCalls {
  private SramCalls() {}

  public static native int nvmlDeviceGetSramEccErrorStatus(long device, long status);
}
