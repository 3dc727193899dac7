package io.millwright.drivers.nvml.binding;

/** How busy the video engines are. Signatures of {@code nvml.h}; pointers are addresses. */
public final class CodecCalls {
  private CodecCalls() {}

  public static native int nvmlDeviceGetEncoderUtilization(
      long device, long percent, long microseconds);

  public static native int nvmlDeviceGetDecoderUtilization(
      long device, long percent, long microseconds);
}
