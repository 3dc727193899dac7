package io.millwright.drivers.nvml.binding;

/**
 * The place of a device in a rack; driver 565. Signatures of {@code nvml.h}; pointers are
 * addresses.
 */
public final class PlatformCalls {
  private PlatformCalls() {}

  public static native int nvmlDeviceGetPlatformInfo(long device, long out);
}
