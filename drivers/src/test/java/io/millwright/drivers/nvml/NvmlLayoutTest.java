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
    "nvmlUtilization_t, gpu, 0, 4, 8",
    "nvmlUtilization_t, memory, 4, 4, 8",
    "nvmlPciInfo_t, busId, 36, 32, 68",
    "nvmlMarginTemperature_v1_t, version, 0, 4, 8",
    "nvmlMarginTemperature_v1_t, marginTemperature, 4, 4, 8",
    "nvmlEccSramErrorStatus_v1_t, version, 0, 4, 104",
    "nvmlEccSramErrorStatus_v1_t, bThresholdExceeded, 96, 4, 104",
    "nvmlEventData_t, device, 0, 8, 32",
    "nvmlEventData_t, eventType, 8, 8, 32",
    "nvmlEventData_t, eventData, 16, 8, 32",
  })
  void tableHasWhatIsRead(String struct, String field, int offset, int size, int total)
      throws IOException {
    assertThat(layouts())
        .contains(String.join("\t", struct, field, "" + offset, "" + size, "" + total) + "\n");
    assertThat(new int[] {offset, total}).isEqualTo(inCode(struct, field));
  }

  @ParameterizedTest
  @CsvSource({"40, 2, 0x02000028", "8, 1, 0x01000008"})
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
      case "nvmlEventData_t.device" -> of(NvmlLayout.EVENT_DEVICE, NvmlLayout.EVENT_SIZE);
      case "nvmlEventData_t.eventType" -> of(NvmlLayout.EVENT_TYPE, NvmlLayout.EVENT_SIZE);
      case "nvmlEventData_t.eventData" -> of(NvmlLayout.EVENT_DATA, NvmlLayout.EVENT_SIZE);
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
