package io.millwright.drivers.nvml.binding;

/**
 * Row remapping; Ampere and later, driver 450. Signatures of {@code nvml.h}; pointers are
 * addresses.
 */
public final class RemapCalls {
  private RemapCalls() {}

  public static native int nvmlDeviceGetRemappedRows(
      long device, long correctable, long uncorrectable, long pending, long failed);
}
