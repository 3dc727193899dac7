package io.millwright.drivers.nvml.binding;

/**
 * Which processors and memory of the host are near; driver 450. Signatures of {@code nvml.h};
 * pointers are addresses, sets are arrays of {@code unsigned long}.
 */
public final class AffinityCalls {
  private AffinityCalls() {}

  public static native int nvmlDeviceGetCpuAffinity(long device, int words, long set);

  public static native int nvmlDeviceGetMemoryAffinity(long device, int words, long set, int scope);
}
