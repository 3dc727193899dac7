package io.millwright.drivers.nvml.binding;

/** ECC mode and counts by location. Signatures of {@code nvml.h}; pointers are addresses. */
public final class EccCalls {
  private EccCalls() {}

  public static native int nvmlDeviceGetEccMode(long device, long current, long pending);

  public static native int nvmlDeviceGetMemoryErrorCounter(
      long device, int severity, int counter, int location, long count);
}
