package io.millwright.drivers.nvml.binding;

/**
 * The bandwidth mode of a device's NVLinks; driver 570. Signatures of {@code nvml.h}; pointers are
 * addresses.
 */
public final class LinkBandwidthCalls {
  private LinkBandwidthCalls() {}

  public static native int nvmlDeviceGetNvlinkBwMode(long device, long out);
}
