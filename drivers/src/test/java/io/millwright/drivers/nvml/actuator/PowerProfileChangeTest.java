package io.millwright.drivers.nvml.actuator;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.drivers.nvml.actuator.PowerProfileChange.Operation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PowerProfileChangeTest {

  @ParameterizedTest
  @CsvSource({"CLEAR, CLEAR", "ADD, SET", "REPLACE, SET_AND_OVERWRITE"})
  void anOperationHasTheNumberOfTheHeader(Operation operation, String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            PowerProfileChangeTest.class.getResourceAsStream("/nvml/nvml-constants.tsv"))) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8).lines())
          .contains("NVML_POWER_PROFILE_OPERATION_%s\t%d".formatted(name, operation.code()));
    }
  }
}
