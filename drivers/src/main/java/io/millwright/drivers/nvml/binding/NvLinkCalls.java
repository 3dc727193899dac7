package io.millwright.drivers.nvml.binding;

/**
 * NVLink by link, for what fields do not tell; driver 470. Signatures of {@code nvml.h}; pointers
 * are addresses.
 */
public final class NvLinkCalls {
  private NvLinkCalls() {}

  public static native int nvmlDeviceGetNvLinkState(long device, int link, long active);

  public static native int nvmlDeviceGetNvLinkRemoteDeviceType(long device, int link, long type);

  public static native int nvmlDeviceGetNvLinkErrorCounter(
      long device, int link, int counter, long count);
}
