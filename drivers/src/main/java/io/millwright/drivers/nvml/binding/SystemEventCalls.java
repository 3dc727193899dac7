package io.millwright.drivers.nvml.binding;

/**
 * Events of the node: the driver was bound to a device or let go of it; driver 575. Signatures of
 * {@code nvml.h}; pointers are addresses.
 */
public final class SystemEventCalls {
  private SystemEventCalls() {}

  public static native int nvmlSystemEventSetCreate(long request);

  public static native int nvmlSystemRegisterEvents(long request);

  public static native int nvmlSystemEventSetWait(long request);

  public static native int nvmlSystemEventSetFree(long request);
}
