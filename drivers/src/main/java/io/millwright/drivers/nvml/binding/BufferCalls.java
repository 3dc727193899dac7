package io.millwright.drivers.nvml.binding;

/** The driver's own buffer of samples. Signatures of {@code nvml.h}; pointers are addresses. */
public final class BufferCalls {
  private BufferCalls() {}

  public static native int nvmlDeviceGetSamples(
      long device, int type, long lastSeen, long valueType, long count, long samples);
}
