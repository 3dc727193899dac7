package io.millwright.drivers.nvml.binding;

/** Who a device is. Signatures of {@code nvml.h}; pointers are addresses. */
public final class IdentityCalls {
  private IdentityCalls() {}

  public static native int nvmlDeviceGetName(long device, long name, int length);

  public static native int nvmlDeviceGetUUID(long device, long uuid, int length);

  public static native int nvmlDeviceGetSerial(long device, long serial, int length);

  public static native int nvmlDeviceGetIndex(long device, long index);

  public static native int nvmlDeviceGetMinorNumber(long device, long minor);

  public static native int nvmlDeviceGetPciInfo_v3(long device, long pci);

  public static native int nvmlDeviceGetArchitecture(long device, long architecture);

  public static native int nvmlDeviceGetBoardPartNumber(long device, long part, int length);

  public static native int nvmlDeviceGetVbiosVersion(long device, long version, int length);
}
