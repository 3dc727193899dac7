package io.millwright.drivers.nvml.actuator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every offset that a setter writes to, against the layouts and constants of NVIDIA's header. */
class SetterLayoutTest {

  record Row(String struct, String field, int offset, int size, int total) {}

  static Stream<Row> rows() {
    String current = "nvmlWorkloadPowerProfileCurrentProfiles_v1_t";
    String request = "nvmlWorkloadPowerProfileRequestedProfiles_v1_t";
    String update = "nvmlWorkloadPowerProfileUpdateProfiles_v1_t";
    String power = "nvmlPowerValue_v2_t";
    int mask = SetterLayout.MASK_SIZE;
    return Stream.of(
        new Row(power, "version", 0, 4, SetterLayout.POWER_VALUE_SIZE),
        new Row(power, "powerScope", SetterLayout.POWER_VALUE_SCOPE, 1, 12),
        new Row(power, "powerValueMw", SetterLayout.POWER_VALUE_MILLIWATTS, 4, 12),
        new Row(current, "version", 0, 4, SetterLayout.PROFILES_SIZE),
        new Row(current, "perfProfilesMask", SetterLayout.PROFILES_SUPPORTED, mask, 100),
        new Row(current, "requestedProfilesMask", SetterLayout.PROFILES_REQUESTED, mask, 100),
        new Row(current, "enforcedProfilesMask", SetterLayout.PROFILES_ENFORCED, mask, 100),
        new Row(request, "version", 0, 4, SetterLayout.REQUEST_SIZE),
        new Row(request, "requestedProfilesMask", SetterLayout.REQUEST_MASK, mask, 36),
        new Row(update, "operation", SetterLayout.UPDATE_OPERATION, 4, SetterLayout.UPDATE_SIZE),
        new Row(update, "updateProfilesMask", SetterLayout.UPDATE_MASK, mask, 36));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void tableHasWhatIsWritten(Row row) throws IOException {
    assertThat(table("nvml-struct-layouts.tsv"))
        .contains(
            "%s\t%s\t%d\t%d\t%d%n"
                .formatted(row.struct(), row.field(), row.offset(), row.size(), row.total()));
  }

  @Test
  void versionWordsAndOperationsAreTheHeaders() throws IOException {
    assertThat(SetterLayout.POWER_VALUE_VERSION).isEqualTo(0x0200000c);
    assertThat(SetterLayout.PROFILES_VERSION).isEqualTo(0x01000064);
    assertThat(SetterLayout.REQUEST_VERSION).isEqualTo(0x01000024);
    assertThat(table("nvml-constants.tsv"))
        .contains(
            operation("CLEAR", PowerProfileChange.Operation.CLEAR),
            operation("SET", PowerProfileChange.Operation.ADD),
            operation("SET_AND_OVERWRITE", PowerProfileChange.Operation.REPLACE));
  }

  private static String operation(String name, PowerProfileChange.Operation operation) {
    return "NVML_POWER_PROFILE_OPERATION_%s\t%d%n".formatted(name, operation.code());
  }

  private static String table(String name) throws IOException {
    try (InputStream table =
        Objects.requireNonNull(SetterLayoutTest.class.getResourceAsStream("/nvml/" + name))) {
      return new String(table.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
