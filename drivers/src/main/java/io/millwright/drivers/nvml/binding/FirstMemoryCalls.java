package io.millwright.drivers.nvml.binding;

/** Memory as drivers before 510 tell it. Signatures of {@code nvml.h}; pointers are addresses. */
public final class FirstMemoryCalls {
  private FirstMemoryCalls() {}

  public static native int nvmlDeviceGetMemoryInfo(long device, long memory);
}
