package io.millwright.drivers.nvml;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Every return code and every field id that the drivers know, against the header's own. */
class ConstantsTest {
  private static final String FIELD = "NVML_FI_DEV_";

  /** Our words for fields, and the header's. */
  private static final Map<String, String> FIELDS =
      Map.ofEntries(
          Map.entry("RETIRED_SINGLE_BIT", FIELD + "RETIRED_SBE"),
          Map.entry("RETIRED_DOUBLE_BIT", FIELD + "RETIRED_DBE"),
          Map.entry("RETIREMENT_PENDING", FIELD + "RETIRED_PENDING"),
          Map.entry("SW_POWER_CAP_NANOS", FIELD + "CLOCKS_EVENT_REASON_SW_POWER_CAP"),
          Map.entry("SYNC_BOOST_NANOS", FIELD + "CLOCKS_EVENT_REASON_SYNC_BOOST"),
          Map.entry("MEMORY_TEMPERATURE", FIELD + "MEMORY_TEMP"),
          Map.entry("TOTAL_ENERGY", FIELD + "TOTAL_ENERGY_CONSUMPTION"),
          Map.entry("NVLINK_COUNT", FIELD + "NVLINK_LINK_COUNT"),
          Map.entry("PCIE_REPLAYS", FIELD + "PCIE_REPLAY_COUNTER"),
          Map.entry("NVLINK_STATE", FIELD + "NVLINK_GET_STATE"),
          Map.entry("C2C_LINK_COUNT", FIELD + "C2C_LINK_COUNT"),
          Map.entry("C2C_LINK_STATUS", FIELD + "C2C_LINK_GET_STATUS"),
          Map.entry("POWER_AVERAGE", FIELD + "POWER_AVERAGE"),
          Map.entry("POWER_INSTANT", FIELD + "POWER_INSTANT"),
          Map.entry("POWER_LIMIT_MIN", FIELD + "POWER_MIN_LIMIT"),
          Map.entry("POWER_LIMIT_MAX", FIELD + "POWER_MAX_LIMIT"),
          Map.entry("POWER_LIMIT_DEFAULT", FIELD + "POWER_DEFAULT_LIMIT"),
          Map.entry("POWER_LIMIT_ENFORCED", FIELD + "POWER_CURRENT_LIMIT"),
          Map.entry("POWER_LIMIT_REQUESTED", FIELD + "POWER_REQUESTED_LIMIT"),
          Map.entry("PCIE_SENT_BYTES", FIELD + "PCIE_COUNT_TX_BYTES"),
          Map.entry("PCIE_RECEIVED_BYTES", FIELD + "PCIE_COUNT_RX_BYTES"),
          Map.entry("RECOVERY_ACTION", FIELD + "GET_GPU_RECOVERY_ACTION"),
          Map.entry("PRIMARY_POWER_FLOOR", "NVML_FI_PWR_SMOOTHING_PRIMARY_POWER_FLOOR"),
          Map.entry("SECONDARY_POWER_FLOOR", "NVML_FI_PWR_SMOOTHING_SECONDARY_POWER_FLOOR"),
          Map.entry("NVLINK_FEC_HISTORY", FIELD + "NVLINK_COUNT_FEC_HISTORY_0"),
          Map.entry("NONE", "NVML_FI_MAX"));

  @Test
  void codesAreTheHeaders() throws Exception {
    Map<String, String> header = header();
    List<Field> codes = constants(NvmlCode.class);
    assertThat(codes).hasSizeGreaterThan(15);
    for (Field code : codes) {
      String name =
          code.getName().equals("SUCCESS") ? "NVML_SUCCESS" : "NVML_ERROR_" + code.getName();
      assertThat(header).containsEntry(name, Integer.toString(code.getInt(null)));
    }
  }

  @Test
  void fieldsAreTheHeaders() throws Exception {
    Map<String, String> header = header();
    List<Field> fields = constants(FieldIds.class);
    assertThat(fields)
        .extracting(Field::getName)
        .containsExactlyInAnyOrderElementsOf(FIELDS.keySet());
    for (Field field : fields) {
      assertThat(header)
          .containsEntry(
              Objects.requireNonNull(FIELDS.get(field.getName())),
              Integer.toString(field.getInt(null)));
    }
  }

  @Test
  void throttleReasonsAreTheHeadersForTheNewestDriver() throws IOException {
    Map<String, String> header = header();
    FieldIds ids = FieldIds.of("610.43.03");
    assertThat(header)
        .containsEntry(FIELD + "CLOCKS_EVENT_REASON_SW_THERM_SLOWDOWN", "" + ids.swThermalNanos())
        .containsEntry(FIELD + "CLOCKS_EVENT_REASON_HW_THERM_SLOWDOWN", "" + ids.hwThermalNanos())
        .containsEntry(
            FIELD + "CLOCKS_EVENT_REASON_HW_POWER_BRAKE_SLOWDOWN", "" + ids.hwPowerBrakeNanos());
  }

  @Test
  void powerSmoothingIsTheHeadersForTheNewestDriver() throws IOException {
    FieldIds ids = FieldIds.of("610.43.03");
    assertThat(header())
        .containsEntry("NVML_FI_PWR_SMOOTHING_ENABLED", "" + ids.powerSmoothingEnabled())
        .containsEntry(
            "NVML_FI_PWR_SMOOTHING_HW_CIRCUITRY_PERCENT_LIFETIME_REMAINING",
            "" + ids.powerSmoothingLifetime())
        .containsEntry("NVML_FI_PWR_SMOOTHING_APPLIED_TMP_CEIL", "" + ids.powerSmoothingCeiling())
        .containsEntry("NVML_FI_PWR_SMOOTHING_APPLIED_TMP_FLOOR", "" + ids.powerSmoothingFloor())
        .containsEntry(
            "NVML_FI_PWR_SMOOTHING_ACTIVE_PRESET_PROFILE", "" + ids.powerSmoothingProfile());
  }

  @Test
  void powerProfilesAreTheHeaders() throws IOException {
    Map<String, String> header = header();
    assertThat(header).containsEntry("NVML_POWER_PROFILE_MAX", "" + PowerProfile.words().size());
    for (int i = 0; i < PowerProfile.words().size(); i++) {
      String name = "NVML_POWER_PROFILE_" + PowerProfile.word(i).toUpperCase(Locale.ROOT);
      assertThat(header).containsEntry(name, "" + i);
      assertThat(PowerProfile.number(PowerProfile.word(i))).hasValue(i);
    }
    assertThat(PowerProfile.word(15)).isEqualTo("unknown(15)");
  }

  private static List<Field> constants(Class<?> type) {
    return Arrays.stream(type.getDeclaredFields())
        .filter(field -> Modifier.isStatic(field.getModifiers()))
        .filter(field -> !Modifier.isPrivate(field.getModifiers()))
        .filter(field -> field.getType() == int.class)
        .toList();
  }

  private static Map<String, String> header() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            ConstantsTest.class.getResourceAsStream("/nvml/nvml-constants.tsv"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .skip(1)
          .map(line -> line.split("\t", -1))
          .collect(Collectors.toMap(row -> row[0], row -> row[1], (first, again) -> first));
    }
  }
}
