package io.millwright.drivers.nvml.binding;

/** The first wait for events. Signatures of {@code nvml.h}; pointers are addresses. */
public final class FirstEventWaitCalls {
  private FirstEventWaitCalls() {}

  public static native int nvmlEventSetWait(long set, long data, int milliseconds);
}
