package io.millwright.drivers.nvml.binding;

/**
 * How a device addresses the host's memory; driver 580. Signatures of {@code nvml.h}; pointers are
 * addresses.
 */
public final class AddressingCalls {
  private AddressingCalls() {}

  public static native int nvmlDeviceGetAddressingMode(long device, long out);
}
