package io.millwright.drivers.nvml.binding;

/**
 * The NUMA node of coherent device memory; driver 550. Signatures of {@code nvml.h}; pointers are
 * addresses.
 */
public final class NumaCalls {
  private NumaCalls() {}

  public static native int nvmlDeviceGetNumaNodeId(long device, long node);
}
