package io.millwright.drivers.nvml.binding;

/**
 * Versions of the InfoROM and its objects. Signatures of {@code nvml.h}; pointers are addresses.
 */
public final class InforomCalls {
  private InforomCalls() {}

  public static native int nvmlDeviceGetInforomImageVersion(long device, long text, int length);

  public static native int nvmlDeviceGetInforomVersion(
      long device, int object, long text, int length);
}
