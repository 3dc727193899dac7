package io.millwright.drivers.nvml.binding;

/**
 * Confidential computing, of the system and of a device's memory; driver 535. Signatures of {@code
 * nvml.h}; pointers are addresses.
 */
public final class ConfidentialCalls {
  private ConfidentialCalls() {}

  public static native int nvmlSystemGetConfComputeState(long out);

  public static native int nvmlSystemGetConfComputeGpusReadyState(long out);

  public static native int nvmlDeviceGetConfComputeMemSizeInfo(long device, long out);

  public static native int nvmlDeviceGetConfComputeProtectedMemoryUsage(long device, long out);
}
