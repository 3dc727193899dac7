package io.millwright.drivers.nvml.binding;

/**
 * Version of the firmware of the system processor; driver 510. Signatures of {@code nvml.h};
 * pointers are addresses.
 */
public final class GspCalls {
  private GspCalls() {}

  public static native int nvmlDeviceGetGspFirmwareVersion(long device, long text);
}
