package io.millwright.drivers.nvml.binding;

/** The way from one device to another. Signatures of {@code nvml.h}; pointers are addresses. */
public final class TopologyCalls {
  private TopologyCalls() {}

  public static native int nvmlDeviceGetTopologyCommonAncestor(long device, long peer, long out);

  public static native int nvmlDeviceGetP2PStatus(long device, long peer, int capability, long out);
}
