package io.millwright.drivers.nvml.binding;

/** The event stream. Signatures of {@code nvml.h}; pointers are addresses. */
public final class EventCalls {
  private EventCalls() {}

  public static native int nvmlEventSetCreate(long set);

  public static native int nvmlEventSetFree(long set);

  public static native int nvmlDeviceGetSupportedEventTypes(long device, long types);

  public static native int nvmlDeviceRegisterEvents(long device, long types, long set);
}
