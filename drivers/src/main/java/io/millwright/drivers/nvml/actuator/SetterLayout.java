package io.millwright.drivers.nvml.actuator;

/**
 * Offsets and sizes of the C structures that setters take, in bytes. A test holds them against
 * {@code nvml-struct-layouts.tsv}.
 */
final class SetterLayout {
  static final int POWER_VALUE_SIZE = 12;
  static final int POWER_VALUE_VERSION = POWER_VALUE_SIZE | 2 << 24;
  static final int POWER_VALUE_SCOPE = 4;
  static final int POWER_VALUE_MILLIWATTS = 8;

  static final int PROFILES_SIZE = 100;
  static final int PROFILES_VERSION = PROFILES_SIZE | 1 << 24;
  static final int PROFILES_SUPPORTED = 4;
  static final int PROFILES_REQUESTED = 36;
  static final int PROFILES_ENFORCED = 68;

  /** {@code nvmlMask255_t}. */
  static final int MASK_SIZE = 32;

  static final int REQUEST_SIZE = 36;
  static final int REQUEST_VERSION = REQUEST_SIZE | 1 << 24;
  static final int REQUEST_MASK = 4;

  /** Its version is in the function's name. */
  static final int UPDATE_SIZE = 36;

  static final int UPDATE_OPERATION = 0;
  static final int UPDATE_MASK = 4;

  private SetterLayout() {}
}
