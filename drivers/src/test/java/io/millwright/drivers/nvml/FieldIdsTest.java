package io.millwright.drivers.nvml;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FieldIdsTest {

  @ParameterizedTest
  @CsvSource({
    "535.261.03, 303, 303, 303, 303, 303",
    "565.57.01, 303, 303, 303, 303, 303",
    "570.124.04, 251, 258, 254, 255, 264",
    "575.51.02, 256, 263, 259, 260, 269",
    "580.76.05, 256, 263, 259, 260, 269",
    "580.82.07, 251, 258, 254, 255, 264",
    "610.43.03, 251, 258, 254, 255, 264",
  })
  void powerSmoothingMovesWithTheDriver(
      String version, int enabled, int lifetime, int ceiling, int floor, int profile) {
    FieldIds ids = FieldIds.of(version);
    assertThat(ids.powerSmoothingEnabled()).isEqualTo(enabled);
    assertThat(ids.powerSmoothingLifetime()).isEqualTo(lifetime);
    assertThat(ids.powerSmoothingCeiling()).isEqualTo(ceiling);
    assertThat(ids.powerSmoothingFloor()).isEqualTo(floor);
    assertThat(ids.powerSmoothingProfile()).isEqualTo(profile);
  }

  @ParameterizedTest
  @CsvSource({
    "535.261.03, 303, 303, 303",
    "570.124.04, 303, 303, 303",
    "575.51.02, 251, 252, 253",
    "580.65.06, 251, 252, 253",
    "580.76.05, 251, 252, 253",
    "580.82.07, 269, 270, 271",
    "610.43.03, 269, 270, 271",
    "580, 251, 252, 253",
    "nonsense, 269, 270, 271",
    "'', 269, 270, 271",
  })
  void throttleCountersMoveWithTheDriver(String version, int software, int hardware, int brake) {
    FieldIds ids = FieldIds.of(version);
    assertThat(ids.swThermalNanos()).isEqualTo(software);
    assertThat(ids.hwThermalNanos()).isEqualTo(hardware);
    assertThat(ids.hwPowerBrakeNanos()).isEqualTo(brake);
  }
}
