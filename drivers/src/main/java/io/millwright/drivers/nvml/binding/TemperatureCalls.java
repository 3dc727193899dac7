package io.millwright.drivers.nvml.binding;

/**
 * The temperature by a versioned structure; driver 565. Signatures of {@code nvml.h}; pointers are
 * addresses.
 */
public final class TemperatureCalls {
  private TemperatureCalls() {}

  public static native int nvmlDeviceGetTemperatureV(long device, long temperature);
}
