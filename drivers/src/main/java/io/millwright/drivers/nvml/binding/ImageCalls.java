package io.millwright.drivers.nvml.binding;

/**
 * How busy the engines for still pictures and optical flow are; driver 535. Signatures of {@code
 * nvml.h}; pointers are addresses.
 */
public final class ImageCalls {
  private ImageCalls() {}

  public static native int nvmlDeviceGetJpgUtilization(
      long device, long percent, long microseconds);

  public static native int nvmlDeviceGetOfaUtilization(
      long device, long percent, long microseconds);
}
