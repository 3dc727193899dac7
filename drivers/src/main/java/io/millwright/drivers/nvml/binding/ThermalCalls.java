package io.millwright.drivers.nvml.binding;

/**
 * Temperature and the absolute thresholds. Signatures of {@code nvml.h}; pointers are addresses.
 */
public final class ThermalCalls {
  private ThermalCalls() {}

  public static native int nvmlDeviceGetTemperature(long device, int sensor, long celsius);

  public static native int nvmlDeviceGetTemperatureThreshold(
      long device, int threshold, long celsius);
}
