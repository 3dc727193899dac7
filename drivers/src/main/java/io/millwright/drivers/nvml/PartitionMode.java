package io.millwright.drivers.nvml;

/** Whether a device is divided (MIG). */
public enum PartitionMode {
  /** The device or its driver cannot be divided. */
  ABSENT,
  OFF,
  ON,
  /** The driver did not say, or said what nobody knows. */
  UNKNOWN;

  private static final int DISABLE = 0;
  private static final int ENABLE = 1;

  /** By {@code NVML_DEVICE_MIG_DISABLE} and {@code _ENABLE}. */
  public static PartitionMode of(int mode) {
    return switch (mode) {
      case DISABLE -> OFF;
      case ENABLE -> ON;
      default -> UNKNOWN;
    };
  }
}
