package io.millwright.drivers.nvml.actuator;

/**
 * Offsets and sizes of the C structures by which a device is divided, in bytes. A test holds them
 * against {@code nvml-struct-layouts.tsv}.
 */
final class PartitionLayout {
  static final int PROFILE_V2_SIZE = 152;
  static final int PROFILE_V2_VERSION = PROFILE_V2_SIZE | 2 << 24;
  static final int PROFILE_ID = 4;
  static final int PROFILE_SLICES = 12;
  static final int PROFILE_NAME = 56;
  static final int PROFILE_NAME_LENGTH = 96;

  static final int COMPUTE_PROFILE_V2_SIZE = 136;
  static final int COMPUTE_PROFILE_V2_VERSION = COMPUTE_PROFILE_V2_SIZE | 2 << 24;
  static final int COMPUTE_PROFILE_ID = 4;
  static final int COMPUTE_PROFILE_SLICES = 8;

  static final int PLACEMENT_SIZE = 8;
  static final int PLACEMENT_START = 0;
  static final int PLACEMENT_LENGTH = 4;

  static final int INSTANCE_SIZE = 24;
  static final int INSTANCE_ID = 8;
  static final int INSTANCE_PLACEMENT = 16;

  private PartitionLayout() {}
}
