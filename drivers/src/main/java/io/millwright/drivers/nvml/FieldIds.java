package io.millwright.drivers.nvml;

/**
 * {@code NVML_FI_*}. Those of 251 to 273 moved between driver releases (nvml.md 1.1), so they are
 * looked up by the driver's version.
 */
final class FieldIds {
  static final int RETIRED_SINGLE_BIT = 29;
  static final int RETIRED_DOUBLE_BIT = 30;
  static final int RETIREMENT_PENDING = 31;
  static final int SW_POWER_CAP_NANOS = 74;
  static final int SYNC_BOOST_NANOS = 76;
  static final int MEMORY_TEMPERATURE = 82;
  static final int TOTAL_ENERGY = 83;
  static final int NVLINK_COUNT = 91;
  static final int PCIE_REPLAYS = 94;
  static final int NVLINK_STATE = 165;
  static final int C2C_LINK_COUNT = 170;
  static final int C2C_LINK_STATUS = 171;
  static final int POWER_AVERAGE = 185;
  static final int POWER_INSTANT = 186;
  static final int POWER_LIMIT_MIN = 187;
  static final int POWER_LIMIT_MAX = 188;
  static final int POWER_LIMIT_DEFAULT = 189;
  static final int POWER_LIMIT_ENFORCED = 190;
  static final int POWER_LIMIT_REQUESTED = 192;
  static final int PCIE_SENT_BYTES = 197;
  static final int PCIE_RECEIVED_BYTES = 198;
  static final int RECOVERY_ACTION = 230;
  static final int PRIMARY_POWER_FLOOR = 275;
  static final int SECONDARY_POWER_FLOOR = 276;

  /** The first of 16 bins. */
  static final int NVLINK_FEC_HISTORY = 235;

  /** The first id that no driver up to R610 knows; asked for where a field does not exist. */
  static final int NONE = 303;

  private static final int MOVED_IN = 575_000;
  private static final int MOVED_BACK_IN = 580_082;

  private static final int SMOOTHING_IN = 570_000;

  /** How far behind the first field of power smoothing others of it are. */
  private static final int TO_CEILING = 3;

  private static final int TO_FLOOR = 4;
  private static final int TO_LIFETIME = 7;
  private static final int TO_PROFILE = 13;

  private final int firstThermal;
  private final int firstSmoothing;

  private FieldIds(int firstThermal, int firstSmoothing) {
    this.firstThermal = firstThermal;
    this.firstSmoothing = firstSmoothing;
  }

  /**
   * The map of one driver.
   *
   * @param driverVersion as the driver says it, {@code 580.82.07}; one that cannot be read is taken
   *     for a new one
   */
  static FieldIds of(String driverVersion) {
    int version = number(driverVersion);
    if (version >= MOVED_BACK_IN) {
      return new FieldIds(269, 251);
    }
    return version >= MOVED_IN
        ? new FieldIds(251, 256)
        : new FieldIds(NONE, version >= SMOOTHING_IN ? 251 : NONE);
  }

  int powerSmoothingEnabled() {
    return firstSmoothing;
  }

  /** Percent of the life of its circuitry that remains. */
  int powerSmoothingLifetime() {
    return smoothing(TO_LIFETIME);
  }

  /** Watts that it lets the device have at most. */
  int powerSmoothingCeiling() {
    return smoothing(TO_CEILING);
  }

  /** Watts below which it does not let the device fall. */
  int powerSmoothingFloor() {
    return smoothing(TO_FLOOR);
  }

  /** The number of the preset profile in force. */
  int powerSmoothingProfile() {
    return smoothing(TO_PROFILE);
  }

  private int smoothing(int behind) {
    return firstSmoothing == NONE ? NONE : firstSmoothing + behind;
  }

  int swThermalNanos() {
    return firstThermal;
  }

  int hwThermalNanos() {
    return firstThermal == NONE ? NONE : firstThermal + 1;
  }

  int hwPowerBrakeNanos() {
    return firstThermal == NONE ? NONE : firstThermal + 2;
  }

  private static int number(String driverVersion) {
    String[] parts = driverVersion.split("\\.", -1);
    try {
      int minor = parts.length > 1 ? Integer.parseInt(parts[1]) : 0;
      return Integer.parseInt(parts[0]) * 1000 + minor;
    } catch (NumberFormatException unreadable) {
      return Integer.MAX_VALUE;
    }
  }
}
