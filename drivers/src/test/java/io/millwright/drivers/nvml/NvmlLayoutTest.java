package io.millwright.drivers.nvml;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every offset that is read, against the layouts computed from NVIDIA's header. */
class NvmlLayoutTest {

  @ParameterizedTest
  @CsvSource({
    "nvmlFieldValue_t, fieldId, 0, 4, 40",
    "nvmlFieldValue_t, scopeId, 4, 4, 40",
    "nvmlFieldValue_t, valueType, 24, 4, 40",
    "nvmlFieldValue_t, nvmlReturn, 28, 4, 40",
    "nvmlFieldValue_t, value, 32, 8, 40",
    "nvmlMemory_v2_t, version, 0, 4, 40",
    "nvmlMemory_v2_t, total, 8, 8, 40",
    "nvmlMemory_v2_t, free, 24, 8, 40",
    "nvmlMemory_v2_t, used, 32, 8, 40",
    "nvmlMemory_t, total, 0, 8, 24",
    "nvmlMemory_t, free, 8, 8, 24",
    "nvmlTemperature_v1_t, version, 0, 4, 12",
    "nvmlTemperature_v1_t, sensorType, 4, 4, 12",
    "nvmlTemperature_v1_t, temperature, 8, 4, 12",
    "nvmlUtilization_t, gpu, 0, 4, 8",
    "nvmlUtilization_t, memory, 4, 4, 8",
    "nvmlPciInfo_t, busId, 36, 32, 68",
    "nvmlMarginTemperature_v1_t, version, 0, 4, 8",
    "nvmlMarginTemperature_v1_t, marginTemperature, 4, 4, 8",
    "nvmlEccSramErrorStatus_v1_t, version, 0, 4, 104",
    "nvmlEccSramErrorStatus_v1_t, bThresholdExceeded, 96, 4, 104",
    "nvmlGpmSupport_t, isSupportedDevice, 4, 4, 8",
    "nvmlGpmMetricsGet_t, version, 0, 4, 13344",
    "nvmlGpmMetricsGet_t, numMetrics, 4, 4, 13344",
    "nvmlGpmMetricsGet_t, sample1, 8, 8, 13344",
    "nvmlGpmMetricsGet_t, sample2, 16, 8, 13344",
    "nvmlGpmMetricsGet_t, metrics, 24, 13320, 13344",
    "nvmlGpmMetric_t, metricId, 0, 4, 40",
    "nvmlGpmMetric_t, nvmlReturn, 4, 4, 40",
    "nvmlGpmMetric_t, value, 8, 8, 40",
    "nvmlGpuFabricInfo_v2_t, state, 28, 1, 36",
    "nvmlGpuFabricInfo_v2_t, healthMask, 32, 4, 36",
    "nvmlGpuFabricInfo_v3_t, version, 0, 4, 40",
    "nvmlGpuFabricInfo_v3_t, state, 28, 1, 40",
    "nvmlGpuFabricInfo_v3_t, healthMask, 32, 4, 40",
    "nvmlGpuFabricInfo_t, state, 24, 1, 28",
    "nvmlSample_t, timeStamp, 0, 8, 16",
    "nvmlSample_t, sampleValue, 8, 8, 16",
    "nvmlWorkloadPowerProfileCurrentProfiles_v1_t, version, 0, 4, 100",
    "nvmlWorkloadPowerProfileCurrentProfiles_v1_t, perfProfilesMask, 4, 32, 100",
    "nvmlWorkloadPowerProfileCurrentProfiles_v1_t, enforcedProfilesMask, 68, 32, 100",
    "nvmlEventData_t, device, 0, 8, 32",
    "nvmlEventData_t, eventType, 8, 8, 32",
    "nvmlEventData_t, eventData, 16, 8, 32",
    "nvmlMemory_v2_t, reserved, 16, 8, 40",
    "nvmlProcessInfo_t, usedGpuMemory, 8, 8, 24",
    "nvmlEccSramErrorStatus_v1_t, aggregateUncBucketL2, 56, 8, 104",
    "nvmlEccSramErrorStatus_v1_t, aggregateUncBucketOther, 88, 8, 104",
    "nvmlBAR1Memory_t, bar1Total, 0, 8, 24",
    "nvmlBAR1Memory_t, bar1Used, 16, 8, 24",
    "nvmlRepairStatus_v1_t, bChannelRepairPending, 4, 4, 12",
    "nvmlRepairStatus_v1_t, bTpcRepairPending, 8, 4, 12",
    "nvmlUnrepairableMemoryStatus_v1_t, bUnrepairableMemory, 0, 4, 4",
    "nvmlRowRemapperHistogramValues_t, max, 0, 4, 20",
    "nvmlRowRemapperHistogramValues_t, none, 16, 4, 20",
    "nvmlPlatformInfo_v1_t, version, 0, 4, 44",
    "nvmlPlatformInfo_v1_t, chassisPhysicalSlotNumber, 36, 1, 44",
    "nvmlPlatformInfo_v1_t, computeSlotIndex, 37, 1, 44",
    "nvmlPlatformInfo_v1_t, nodeIndex, 38, 1, 44",
    "nvmlPlatformInfo_v2_t, chassisSerialNumber, 20, 16, 44",
    "nvmlPlatformInfo_v2_t, slotNumber, 36, 1, 44",
    "nvmlPlatformInfo_v2_t, trayIndex, 37, 1, 44",
    "nvmlPlatformInfo_v2_t, hostId, 38, 1, 44",
    "nvmlPlatformInfo_v2_t, peerType, 39, 1, 44",
    "nvmlPlatformInfo_v2_t, moduleId, 40, 1, 44",
    "nvmlGpuFabricInfo_v3_t, clusterUuid, 4, 16, 40",
    "nvmlGpuFabricInfo_v3_t, cliqueId, 24, 4, 40",
    "nvmlGpuFabricInfo_t, clusterUuid, 0, 16, 28",
    "nvmlGpuFabricInfo_t, cliqueId, 20, 4, 28",
    "nvmlMemory_t, used, 16, 8, 24",
    "nvmlProcessInfo_t, pid, 0, 4, 24",
    "nvmlConfComputeSystemState_t, ccFeature, 4, 4, 12",
    "nvmlConfComputeSystemState_t, devToolsMode, 8, 4, 12",
    "nvmlSystemConfComputeSettings_v1_t, version, 0, 4, 20",
    "nvmlSystemConfComputeSettings_v1_t, ccFeature, 8, 4, 20",
    "nvmlSystemConfComputeSettings_v1_t, devToolsMode, 12, 4, 20",
    "nvmlSystemConfComputeSettings_v1_t, multiGpuMode, 16, 4, 20",
    "nvmlConfComputeMemSizeInfo_t, protectedMemSizeKib, 0, 8, 16",
    "nvmlConfComputeMemSizeInfo_t, unprotectedMemSizeKib, 8, 8, 16",
    "nvmlDramEncryptionInfo_v1_t, version, 0, 4, 8",
    "nvmlDramEncryptionInfo_v1_t, encryptionState, 4, 4, 8",
    "nvmlAccountingStats_t, gpuUtilization, 0, 4, 56",
    "nvmlAccountingStats_t, maxMemoryUsage, 8, 8, 56",
    "nvmlAccountingStats_t, startTime, 24, 8, 56",
    "nvmlDeviceAddressingMode_v1_t, version, 0, 4, 8",
    "nvmlDeviceAddressingMode_v1_t, value, 4, 4, 8",
    "nvmlC2cModeInfo_v1_t, isC2cEnabled, 0, 4, 4",
    "nvmlNvlinkGetBwMode_v1_t, version, 0, 4, 12",
    "nvmlNvlinkGetBwMode_v1_t, bIsBest, 4, 4, 12",
    "nvmlNvLinkInfo_v1_t, isNvleEnabled, 4, 4, 8",
    "nvmlNvLinkInfo_v2_t, version, 0, 4, 1612",
    "nvmlNvLinkInfo_v2_t, firmwareInfo, 8, 1604, 1612",
    "nvmlNvlinkFirmwareVersion_t, ucodeType, 0, 1, 16",
    "nvmlNvlinkFirmwareVersion_t, major, 4, 4, 16",
    "nvmlNvlinkFirmwareVersion_t, minor, 8, 4, 16",
    "nvmlNvlinkFirmwareVersion_t, subMinor, 12, 4, 16",
    "nvmlNvlinkFirmwareInfo_t, numValidEntries, 1600, 4, 1604",
  })
  void tableHasWhatIsRead(String struct, String field, int offset, int size, int total)
      throws IOException {
    assertThat(layouts())
        .contains(String.join("\t", struct, field, "" + offset, "" + size, "" + total) + "\n");
    assertThat(new int[] {offset, total}).isEqualTo(inCode(struct, field));
  }

  @ParameterizedTest
  @CsvSource({
    "40, 2, 0x02000028",
    "8, 1, 0x01000008",
    "36, 2, 0x02000024",
    "40, 3, 0x03000028",
    "20, 1, 0x01000014",
    "12, 1, 0x0100000c",
    "1612, 2, 0x0200064c",
  })
  void versionIsTheSizeWithItsNumberAbove(int size, int number, String word) {
    assertThat(NvmlLayout.version(size, number)).isEqualTo(Integer.decode(word));
  }

  private static int[] inCode(String struct, String field) {
    return switch (struct + "." + field) {
      case "nvmlFieldValue_t.fieldId" -> of(NvmlLayout.FIELD_ID, NvmlLayout.FIELD_VALUE_SIZE);
      case "nvmlFieldValue_t.scopeId" -> of(NvmlLayout.FIELD_SCOPE, NvmlLayout.FIELD_VALUE_SIZE);
      case "nvmlFieldValue_t.valueType" -> of(NvmlLayout.FIELD_TYPE, NvmlLayout.FIELD_VALUE_SIZE);
      case "nvmlFieldValue_t.nvmlReturn" ->
          of(NvmlLayout.FIELD_RETURN, NvmlLayout.FIELD_VALUE_SIZE);
      case "nvmlFieldValue_t.value" -> of(NvmlLayout.FIELD_UNION, NvmlLayout.FIELD_VALUE_SIZE);
      case "nvmlMemory_t.total" -> of(NvmlLayout.MEMORY_V1_TOTAL, 24);
      case "nvmlMemory_t.free" -> of(NvmlLayout.MEMORY_V1_FREE, 24);
      case "nvmlTemperature_v1_t.version" -> of(0, NvmlLayout.TEMPERATURE_V1_SIZE);
      case "nvmlTemperature_v1_t.sensorType" ->
          of(NvmlLayout.TEMPERATURE_SENSOR, NvmlLayout.TEMPERATURE_V1_SIZE);
      case "nvmlTemperature_v1_t.temperature" ->
          of(NvmlLayout.TEMPERATURE_CELSIUS, NvmlLayout.TEMPERATURE_V1_SIZE);
      case "nvmlMemory_v2_t.version" -> of(0, NvmlLayout.MEMORY_V2_SIZE);
      case "nvmlMemory_v2_t.total" -> of(NvmlLayout.MEMORY_TOTAL, NvmlLayout.MEMORY_V2_SIZE);
      case "nvmlMemory_v2_t.free" -> of(NvmlLayout.MEMORY_FREE, NvmlLayout.MEMORY_V2_SIZE);
      case "nvmlMemory_v2_t.used" -> of(NvmlLayout.MEMORY_USED, NvmlLayout.MEMORY_V2_SIZE);
      case "nvmlUtilization_t.gpu" -> of(NvmlLayout.UTILIZATION_GPU, 8);
      case "nvmlUtilization_t.memory" -> of(NvmlLayout.UTILIZATION_MEMORY, 8);
      case "nvmlPciInfo_t.busId" -> of(NvmlLayout.PCI_BUS_ID, NvmlLayout.PCI_SIZE);
      case "nvmlMarginTemperature_v1_t.version" -> of(0, NvmlLayout.MARGIN_V1_SIZE);
      case "nvmlMarginTemperature_v1_t.marginTemperature" ->
          of(NvmlLayout.MARGIN_CELSIUS, NvmlLayout.MARGIN_V1_SIZE);
      case "nvmlEccSramErrorStatus_v1_t.version" -> of(0, NvmlLayout.SRAM_V1_SIZE);
      case "nvmlEccSramErrorStatus_v1_t.bThresholdExceeded" ->
          of(NvmlLayout.SRAM_THRESHOLD, NvmlLayout.SRAM_V1_SIZE);
      case "nvmlGpmSupport_t.isSupportedDevice" -> of(NvmlLayout.GPM_SUPPORTED, 8);
      case "nvmlGpmMetricsGet_t.version" -> of(0, NvmlLayout.GPM_GET_SIZE);
      case "nvmlGpmMetricsGet_t.numMetrics" ->
          of(NvmlLayout.GPM_GET_COUNT, NvmlLayout.GPM_GET_SIZE);
      case "nvmlGpmMetricsGet_t.sample1" -> of(NvmlLayout.GPM_GET_FIRST, NvmlLayout.GPM_GET_SIZE);
      case "nvmlGpmMetricsGet_t.sample2" -> of(NvmlLayout.GPM_GET_SECOND, NvmlLayout.GPM_GET_SIZE);
      case "nvmlGpmMetricsGet_t.metrics" -> of(NvmlLayout.GPM_GET_METRICS, NvmlLayout.GPM_GET_SIZE);
      case "nvmlGpmMetric_t.metricId" -> of(NvmlLayout.GPM_METRIC_ID, NvmlLayout.GPM_METRIC_SIZE);
      case "nvmlGpmMetric_t.nvmlReturn" ->
          of(NvmlLayout.GPM_METRIC_RETURN, NvmlLayout.GPM_METRIC_SIZE);
      case "nvmlGpmMetric_t.value" -> of(NvmlLayout.GPM_METRIC_VALUE, NvmlLayout.GPM_METRIC_SIZE);
      case "nvmlGpuFabricInfo_v2_t.state" -> of(NvmlLayout.FABRIC_STATE, NvmlLayout.FABRIC_V2_SIZE);
      case "nvmlGpuFabricInfo_v2_t.healthMask" ->
          of(NvmlLayout.FABRIC_HEALTH, NvmlLayout.FABRIC_V2_SIZE);
      case "nvmlGpuFabricInfo_v3_t.version" -> of(0, NvmlLayout.FABRIC_V3_SIZE);
      case "nvmlGpuFabricInfo_v3_t.state" -> of(NvmlLayout.FABRIC_STATE, NvmlLayout.FABRIC_V3_SIZE);
      case "nvmlGpuFabricInfo_v3_t.healthMask" ->
          of(NvmlLayout.FABRIC_HEALTH, NvmlLayout.FABRIC_V3_SIZE);
      case "nvmlGpuFabricInfo_t.state" ->
          of(NvmlLayout.FIRST_FABRIC_STATE, NvmlLayout.FIRST_FABRIC_SIZE);
      case "nvmlSample_t.timeStamp" -> of(0, NvmlLayout.SAMPLE_SIZE);
      case "nvmlSample_t.sampleValue" -> of(NvmlLayout.SAMPLE_VALUE, NvmlLayout.SAMPLE_SIZE);
      case "nvmlWorkloadPowerProfileCurrentProfiles_v1_t.version" ->
          of(0, NvmlLayout.POWER_PROFILES_V1_SIZE);
      case "nvmlWorkloadPowerProfileCurrentProfiles_v1_t.perfProfilesMask" ->
          of(NvmlLayout.POWER_PROFILES_SUPPORTED, NvmlLayout.POWER_PROFILES_V1_SIZE);
      case "nvmlWorkloadPowerProfileCurrentProfiles_v1_t.enforcedProfilesMask" ->
          of(NvmlLayout.POWER_PROFILES_ENFORCED, NvmlLayout.POWER_PROFILES_V1_SIZE);
      case "nvmlEventData_t.device" -> of(NvmlLayout.EVENT_DEVICE, NvmlLayout.EVENT_SIZE);
      case "nvmlEventData_t.eventType" -> of(NvmlLayout.EVENT_TYPE, NvmlLayout.EVENT_SIZE);
      case "nvmlEventData_t.eventData" -> of(NvmlLayout.EVENT_DATA, NvmlLayout.EVENT_SIZE);
      case "nvmlProcessInfo_t.usedGpuMemory" ->
          of(NvmlLayout.PROCESS_MEMORY, NvmlLayout.PROCESS_SIZE);
      case "nvmlMemory_v2_t.reserved" -> of(NvmlLayout.MEMORY_RESERVED, NvmlLayout.MEMORY_V2_SIZE);
      case "nvmlEccSramErrorStatus_v1_t.aggregateUncBucketL2" ->
          of(NvmlLayout.SRAM_UNITS, NvmlLayout.SRAM_V1_SIZE);
      case "nvmlEccSramErrorStatus_v1_t.aggregateUncBucketOther" ->
          of(NvmlLayout.SRAM_UNITS + 4 * Long.BYTES, NvmlLayout.SRAM_V1_SIZE);
      case "nvmlBAR1Memory_t.bar1Total" -> of(NvmlLayout.APERTURE_TOTAL, 24);
      case "nvmlBAR1Memory_t.bar1Used" -> of(NvmlLayout.APERTURE_USED, 24);
      case "nvmlRepairStatus_v1_t.bChannelRepairPending" ->
          of(NvmlLayout.REPAIR_CHANNEL, NvmlLayout.REPAIR_V1_SIZE);
      case "nvmlRepairStatus_v1_t.bTpcRepairPending" ->
          of(NvmlLayout.REPAIR_TPC, NvmlLayout.REPAIR_V1_SIZE);
      case "nvmlUnrepairableMemoryStatus_v1_t.bUnrepairableMemory" -> of(0, 4);
      case "nvmlRowRemapperHistogramValues_t.max" -> of(0, 20);
      case "nvmlRowRemapperHistogramValues_t.none" -> of(4 * Integer.BYTES, 20);
      case "nvmlPlatformInfo_v1_t.version" -> of(0, NvmlLayout.PLATFORM_SIZE);
      case "nvmlPlatformInfo_v2_t.chassisSerialNumber" ->
          of(NvmlLayout.PLATFORM_CHASSIS, NvmlLayout.PLATFORM_SIZE);
      case "nvmlPlatformInfo_v1_t.chassisPhysicalSlotNumber", "nvmlPlatformInfo_v2_t.slotNumber" ->
          of(NvmlLayout.PLATFORM_SLOT, NvmlLayout.PLATFORM_SIZE);
      case "nvmlPlatformInfo_v1_t.computeSlotIndex", "nvmlPlatformInfo_v2_t.trayIndex" ->
          of(NvmlLayout.PLATFORM_TRAY, NvmlLayout.PLATFORM_SIZE);
      case "nvmlPlatformInfo_v1_t.nodeIndex", "nvmlPlatformInfo_v2_t.hostId" ->
          of(NvmlLayout.PLATFORM_HOST, NvmlLayout.PLATFORM_SIZE);
      case "nvmlPlatformInfo_v2_t.peerType" ->
          of(NvmlLayout.PLATFORM_PEER, NvmlLayout.PLATFORM_SIZE);
      case "nvmlPlatformInfo_v2_t.moduleId" ->
          of(NvmlLayout.PLATFORM_MODULE, NvmlLayout.PLATFORM_SIZE);
      case "nvmlGpuFabricInfo_v3_t.clusterUuid" ->
          of(NvmlLayout.FABRIC_CLUSTER, NvmlLayout.FABRIC_V3_SIZE);
      case "nvmlGpuFabricInfo_v3_t.cliqueId" ->
          of(NvmlLayout.FABRIC_CLIQUE, NvmlLayout.FABRIC_V3_SIZE);
      case "nvmlGpuFabricInfo_t.clusterUuid" ->
          of(NvmlLayout.FIRST_FABRIC_CLUSTER, NvmlLayout.FIRST_FABRIC_SIZE);
      case "nvmlGpuFabricInfo_t.cliqueId" ->
          of(NvmlLayout.FIRST_FABRIC_CLIQUE, NvmlLayout.FIRST_FABRIC_SIZE);
      case "nvmlMemory_t.used" -> of(NvmlLayout.MEMORY_V1_USED, 24);
      case "nvmlProcessInfo_t.pid" -> of(NvmlLayout.PROCESS_PID, NvmlLayout.PROCESS_SIZE);
      case "nvmlConfComputeSystemState_t.ccFeature" -> of(NvmlLayout.CC_STATE_FEATURE, 12);
      case "nvmlConfComputeSystemState_t.devToolsMode" -> of(NvmlLayout.CC_STATE_DEVTOOLS, 12);
      case "nvmlSystemConfComputeSettings_v1_t.version" -> of(0, NvmlLayout.CC_SETTINGS_SIZE);
      case "nvmlSystemConfComputeSettings_v1_t.ccFeature" ->
          of(NvmlLayout.CC_SETTINGS_FEATURE, NvmlLayout.CC_SETTINGS_SIZE);
      case "nvmlSystemConfComputeSettings_v1_t.devToolsMode" ->
          of(NvmlLayout.CC_SETTINGS_DEVTOOLS, NvmlLayout.CC_SETTINGS_SIZE);
      case "nvmlSystemConfComputeSettings_v1_t.multiGpuMode" ->
          of(NvmlLayout.CC_SETTINGS_PEERS, NvmlLayout.CC_SETTINGS_SIZE);
      case "nvmlConfComputeMemSizeInfo_t.protectedMemSizeKib" -> of(NvmlLayout.CC_PROTECTED, 16);
      case "nvmlConfComputeMemSizeInfo_t.unprotectedMemSizeKib" ->
          of(NvmlLayout.CC_UNPROTECTED, 16);
      case "nvmlDramEncryptionInfo_v1_t.version" -> of(0, NvmlLayout.DRAM_ENCRYPTION_SIZE);
      case "nvmlDramEncryptionInfo_v1_t.encryptionState" ->
          of(NvmlLayout.DRAM_ENCRYPTION_STATE, NvmlLayout.DRAM_ENCRYPTION_SIZE);
      case "nvmlAccountingStats_t.gpuUtilization" -> of(NvmlLayout.ACCOUNT_UTILIZATION, 56);
      case "nvmlAccountingStats_t.maxMemoryUsage" -> of(NvmlLayout.ACCOUNT_PEAK_MEMORY, 56);
      case "nvmlAccountingStats_t.startTime" -> of(NvmlLayout.ACCOUNT_START, 56);
      case "nvmlDeviceAddressingMode_v1_t.version" -> of(0, NvmlLayout.ADDRESSING_SIZE);
      case "nvmlDeviceAddressingMode_v1_t.value" ->
          of(NvmlLayout.ADDRESSING_MODE, NvmlLayout.ADDRESSING_SIZE);
      case "nvmlC2cModeInfo_v1_t.isC2cEnabled" -> of(0, 4);
      case "nvmlNvlinkGetBwMode_v1_t.version" -> of(0, NvmlLayout.LINK_BANDWIDTH_SIZE);
      case "nvmlNvlinkGetBwMode_v1_t.bIsBest" ->
          of(NvmlLayout.LINK_BANDWIDTH_BEST, NvmlLayout.LINK_BANDWIDTH_SIZE);
      case "nvmlNvLinkInfo_v1_t.isNvleEnabled" ->
          of(NvmlLayout.LINK_INFO_ENCRYPTED, NvmlLayout.LINK_INFO_V1_SIZE);
      case "nvmlNvLinkInfo_v2_t.version" -> of(0, NvmlLayout.LINK_INFO_V2_SIZE);
      case "nvmlNvLinkInfo_v2_t.firmwareInfo" ->
          of(NvmlLayout.LINK_FIRMWARE, NvmlLayout.LINK_INFO_V2_SIZE);
      case "nvmlNvlinkFirmwareVersion_t.ucodeType" -> of(0, NvmlLayout.LINK_FIRMWARE_SIZE);
      case "nvmlNvlinkFirmwareVersion_t.major" ->
          of(NvmlLayout.LINK_FIRMWARE_MAJOR, NvmlLayout.LINK_FIRMWARE_SIZE);
      case "nvmlNvlinkFirmwareVersion_t.minor" ->
          of(NvmlLayout.LINK_FIRMWARE_MINOR, NvmlLayout.LINK_FIRMWARE_SIZE);
      case "nvmlNvlinkFirmwareVersion_t.subMinor" ->
          of(NvmlLayout.LINK_FIRMWARE_SUB_MINOR, NvmlLayout.LINK_FIRMWARE_SIZE);
      case "nvmlNvlinkFirmwareInfo_t.numValidEntries" ->
          of(NvmlLayout.LINK_FIRMWARE_COUNT - NvmlLayout.LINK_FIRMWARE, 1604);
      default -> throw new IllegalArgumentException(struct + "." + field);
    };
  }

  private static int[] of(int offset, int total) {
    return new int[] {offset, total};
  }

  private static String layouts() throws IOException {
    try (InputStream table =
        Objects.requireNonNull(
            NvmlLayoutTest.class.getResourceAsStream("/nvml/nvml-struct-layouts.tsv"))) {
      return new String(table.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
