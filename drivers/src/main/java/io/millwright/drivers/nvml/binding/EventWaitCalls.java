package io.millwright.drivers.nvml.binding;

/**
 * The wait for events that tells instances apart; driver 450. Signatures of {@code nvml.h};
 * pointers are addresses.
 */
public final class EventWaitCalls {
  private EventWaitCalls() {}

  public static native int nvmlEventSetWait_v2(long set, long data, int milliseconds);
}
