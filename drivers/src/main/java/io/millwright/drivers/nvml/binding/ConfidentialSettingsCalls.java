package io.millwright.drivers.nvml.binding;

/**
 * The state of confidential computing with what several devices do together; driver 550. Signatures
 * of {@code nvml.h}; pointers are addresses.
 */
public final class ConfidentialSettingsCalls {
  private ConfidentialSettingsCalls() {}

  public static native int nvmlSystemGetConfComputeSettings(long out);
}
