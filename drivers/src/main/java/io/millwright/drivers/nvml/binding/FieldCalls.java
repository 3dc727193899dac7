package io.millwright.drivers.nvml.binding;

/**
 * Many values in one call, each with a return code of its own. Signatures of {@code nvml.h};
 * pointers are addresses.
 */
public final class FieldCalls {
  private FieldCalls() {}

  public static native int nvmlDeviceGetFieldValues(long device, int count, long values);
}
