package io.millwright.drivers.nvml.binding;

/**
 * Encryption and firmware of a device's NVLinks; driver 580. Signatures of {@code nvml.h}; pointers
 * are addresses.
 */
public final class LinkInfoCalls {
  private LinkInfoCalls() {}

  public static native int nvmlDeviceGetNvLinkInfo(long device, long out);
}
