package io.millwright.drivers.nvml;

/**
 * Offsets and sizes of the C structures by which events of the node are asked for, in bytes. A test
 * holds them against {@code nvml-struct-layouts.tsv}.
 */
final class SystemEventLayout {
  /** Both the set's making and its freeing. */
  static final int SET_SIZE = 16;

  static final int SET_VERSION = NvmlLayout.version(SET_SIZE, 1);
  static final int SET = 8;

  static final int REGISTER_SIZE = 24;
  static final int REGISTER_VERSION = NvmlLayout.version(REGISTER_SIZE, 1);
  static final int REGISTER_TYPES = 8;
  static final int REGISTER_SET = 16;

  static final int WAIT_SIZE = 32;
  static final int WAIT_VERSION = NvmlLayout.version(WAIT_SIZE, 1);
  static final int WAIT_MILLISECONDS = 4;
  static final int WAIT_SET = 8;
  static final int WAIT_DATA = 16;
  static final int WAIT_ROOM = 24;
  static final int WAIT_NUMBER = 28;

  static final int EVENT_SIZE = 16;
  static final int EVENT_TYPE = 0;
  static final int EVENT_GPU = 8;

  private SystemEventLayout() {}
}
