package io.millwright.drivers.nvml.binding;

/**
 * Encryption of a device's memory; driver 570. Signatures of {@code nvml.h}; pointers are
 * addresses.
 */
public final class EncryptionCalls {
  private EncryptionCalls() {}

  public static native int nvmlDeviceGetDramEncryptionMode(long device, long current, long pending);
}
