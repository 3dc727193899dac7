package io.millwright.drivers.nvml.binding;

/**
 * The PCIe link as it is and as it may be. Signatures of {@code nvml.h}; pointers are addresses.
 */
public final class PcieCalls {
  private PcieCalls() {}

  public static native int nvmlDeviceGetCurrPcieLinkGeneration(long device, long generation);

  public static native int nvmlDeviceGetMaxPcieLinkGeneration(long device, long generation);

  public static native int nvmlDeviceGetCurrPcieLinkWidth(long device, long lanes);

  public static native int nvmlDeviceGetMaxPcieLinkWidth(long device, long lanes);

  public static native int nvmlDeviceGetPcieReplayCounter(long device, long replays);
}
