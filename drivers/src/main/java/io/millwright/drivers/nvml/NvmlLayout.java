package io.millwright.drivers.nvml;

/**
 * Offsets and sizes of the C structures that are read, in bytes; the same on x86-64 and aarch64. A
 * test holds them against {@code nvml-struct-layouts.tsv}.
 */
final class NvmlLayout {
  static final int FIELD_VALUE_SIZE = 40;
  static final int FIELD_ID = 0;
  static final int FIELD_SCOPE = 4;
  static final int FIELD_TYPE = 24;
  static final int FIELD_RETURN = 28;
  static final int FIELD_UNION = 32;

  static final int MEMORY_V2_SIZE = 40;
  static final int MEMORY_V2_VERSION = version(MEMORY_V2_SIZE, 2);
  static final int MEMORY_TOTAL = 8;
  static final int MEMORY_RESERVED = 16;
  static final int MEMORY_FREE = 24;
  static final int MEMORY_USED = 32;

  static final int MEMORY_V1_TOTAL = 0;
  static final int MEMORY_V1_FREE = 8;
  static final int MEMORY_V1_USED = 16;

  static final int TEMPERATURE_V1_SIZE = 12;
  static final int TEMPERATURE_V1_VERSION = version(TEMPERATURE_V1_SIZE, 1);
  static final int TEMPERATURE_SENSOR = 4;
  static final int TEMPERATURE_CELSIUS = 8;

  static final int UTILIZATION_GPU = 0;
  static final int UTILIZATION_MEMORY = 4;

  static final int PCI_SIZE = 68;
  static final int PCI_BUS_ID = 36;
  static final int PCI_BUS_ID_LENGTH = 32;

  static final int MARGIN_V1_SIZE = 8;
  static final int MARGIN_V1_VERSION = version(MARGIN_V1_SIZE, 1);
  static final int MARGIN_CELSIUS = 4;

  static final int SRAM_V1_SIZE = 104;
  static final int SRAM_V1_VERSION = version(SRAM_V1_SIZE, 1);
  static final int SRAM_THRESHOLD = 96;

  /** The first of five units: L2, SM, PCIe, microcontrollers, others. */
  static final int SRAM_UNITS = 56;

  static final int APERTURE_TOTAL = 0;
  static final int APERTURE_USED = 16;

  static final int REPAIR_V1_SIZE = 12;
  static final int REPAIR_V1_VERSION = version(REPAIR_V1_SIZE, 1);
  static final int REPAIR_CHANNEL = 4;
  static final int REPAIR_TPC = 8;

  static final int PLATFORM_SIZE = 44;
  static final int PLATFORM_V1_VERSION = version(PLATFORM_SIZE, 1);
  static final int PLATFORM_V2_VERSION = version(PLATFORM_SIZE, 2);
  static final int PLATFORM_CHASSIS = 20;
  static final int PLATFORM_CHASSIS_LENGTH = 16;
  static final int PLATFORM_SLOT = 36;
  static final int PLATFORM_TRAY = 37;
  static final int PLATFORM_HOST = 38;
  static final int PLATFORM_PEER = 39;
  static final int PLATFORM_MODULE = 40;

  static final int GPM_SUPPORTED = 4;
  static final int GPM_GET_SIZE = 13344;
  static final int GPM_GET_COUNT = 4;
  static final int GPM_GET_FIRST = 8;
  static final int GPM_GET_SECOND = 16;
  static final int GPM_GET_METRICS = 24;
  static final int GPM_METRIC_SIZE = 40;
  static final int GPM_METRIC_ID = 0;
  static final int GPM_METRIC_RETURN = 4;
  static final int GPM_METRIC_VALUE = 8;

  static final int FABRIC_V2_SIZE = 36;
  static final int FABRIC_V2_VERSION = version(FABRIC_V2_SIZE, 2);
  static final int FABRIC_V3_SIZE = 40;
  static final int FABRIC_V3_VERSION = version(FABRIC_V3_SIZE, 3);
  static final int FABRIC_CLUSTER = 4;
  static final int FABRIC_CLUSTER_LENGTH = 16;
  static final int FABRIC_STATUS = 20;
  static final int FABRIC_CLIQUE = 24;
  static final int FABRIC_STATE = 28;
  static final int FABRIC_HEALTH = 32;
  static final int FIRST_FABRIC_SIZE = 28;
  static final int FIRST_FABRIC_CLUSTER = 0;
  static final int FIRST_FABRIC_STATUS = 16;
  static final int FIRST_FABRIC_CLIQUE = 20;
  static final int FIRST_FABRIC_STATE = 24;

  static final int POWER_PROFILES_V1_SIZE = 100;
  static final int POWER_PROFILES_V1_VERSION = version(POWER_PROFILES_V1_SIZE, 1);
  static final int POWER_PROFILES_SUPPORTED = 4;
  static final int POWER_PROFILES_ENFORCED = 68;

  static final int CC_STATE_FEATURE = 4;
  static final int CC_STATE_DEVTOOLS = 8;
  static final int CC_SETTINGS_SIZE = 20;
  static final int CC_SETTINGS_V1_VERSION = version(CC_SETTINGS_SIZE, 1);
  static final int CC_SETTINGS_FEATURE = 8;
  static final int CC_SETTINGS_DEVTOOLS = 12;
  static final int CC_SETTINGS_PEERS = 16;
  static final int CC_PROTECTED = 0;
  static final int CC_UNPROTECTED = 8;
  static final int DRAM_ENCRYPTION_SIZE = 8;
  static final int DRAM_ENCRYPTION_V1_VERSION = version(DRAM_ENCRYPTION_SIZE, 1);
  static final int DRAM_ENCRYPTION_STATE = 4;

  static final int ACCOUNT_UTILIZATION = 0;
  static final int ACCOUNT_PEAK_MEMORY = 8;
  static final int ACCOUNT_START = 24;

  static final int ADDRESSING_SIZE = 8;
  static final int ADDRESSING_V1_VERSION = version(ADDRESSING_SIZE, 1);
  static final int ADDRESSING_MODE = 4;

  static final int LINK_BANDWIDTH_SIZE = 12;
  static final int LINK_BANDWIDTH_V1_VERSION = version(LINK_BANDWIDTH_SIZE, 1);
  static final int LINK_BANDWIDTH_BEST = 4;

  static final int LINK_INFO_V1_SIZE = 8;
  static final int LINK_INFO_V1_VERSION = version(LINK_INFO_V1_SIZE, 1);
  static final int LINK_INFO_V2_SIZE = 1612;
  static final int LINK_INFO_V2_VERSION = version(LINK_INFO_V2_SIZE, 2);
  static final int LINK_INFO_ENCRYPTED = 4;

  /** The first of 100 entries, then how many of them are filled. */
  static final int LINK_FIRMWARE = 8;

  static final int LINK_FIRMWARE_SIZE = 16;
  static final int LINK_FIRMWARE_MAJOR = 4;
  static final int LINK_FIRMWARE_MINOR = 8;
  static final int LINK_FIRMWARE_SUB_MINOR = 12;
  static final int LINK_FIRMWARE_COUNT = LINK_FIRMWARE + 100 * LINK_FIRMWARE_SIZE;

  static final int SAMPLE_SIZE = 16;
  static final int SAMPLE_VALUE = 8;

  static final int PROCESS_SIZE = 24;
  static final int PROCESS_PID = 0;
  static final int PROCESS_MEMORY = 8;

  static final int EVENT_SIZE = 32;
  static final int EVENT_DEVICE = 0;
  static final int EVENT_TYPE = 8;
  static final int EVENT_DATA = 16;
  static final int EVENT_GPU_INSTANCE = 24;
  static final int EVENT_COMPUTE_INSTANCE = 28;

  private NvmlLayout() {}

  /** {@code NVML_STRUCT_VERSION}: the size with the number of the version above it. */
  static int version(int size, int number) {
    return size | number << 24;
  }
}
