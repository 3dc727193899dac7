package io.millwright.simulator;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_USED_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_POWER_LIMIT_WATTS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_POWER_WATTS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_RECOVERY_ACTION;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_TEMPERATURE_CELSIUS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_TEMPERATURE_MARGIN_CELSIUS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_UP;
import static io.millwright.simulator.WatchedNode.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Each product that can be simulated, under the real lanes. */
class ProfilesTest {

  @ParameterizedTest
  @CsvSource({
    "b200, 8, NVIDIA B200",
    "b300, 8, NVIDIA B300 SXM6 AC",
    "gb200, 4, NVIDIA GB200",
    "gb300, 4, NVIDIA GB300",
    "h100, 8, NVIDIA H100 80GB HBM3",
    "h200, 8, NVIDIA H200",
    "l40s, 4, NVIDIA L40S",
    "old-535, 8, NVIDIA H100 80GB HBM3",
  })
  void isReadDeviceByDeviceUnderItsName(String profile, int devices, String model)
      throws IOException {
    try (WatchedNode node = WatchedNode.start("profile " + profile, "load 1").awaitUp(devices)) {
      assertThat(node.measured(ACCELERATOR_UP))
          .hasSize(devices)
          .allSatisfy(series -> assertThat(series.labelValues()).contains(model));
      for (int device = 0; device < devices; device++) {
        assertThat(node.value(device, ACCELERATOR_POWER_WATTS, "gpu")).isPresent();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"gb200, 1200, 2700", "gb300, 1400, 2900"})
  void aTrayHasLimitsOfTheGpuAndOfTheModule(String profile, double gpu, double module)
      throws IOException {
    try (WatchedNode node = WatchedNode.start("profile " + profile).awaitUp(4)) {
      soon()
          .untilAsserted(() -> {
            assertThat(node.value(2, ACCELERATOR_POWER_LIMIT_WATTS, "default", "gpu"))
                .hasValue(gpu);
            assertThat(node.value(2, ACCELERATOR_POWER_LIMIT_WATTS, "max", "module"))
                .hasValue(module);
            assertThat(node.value(2, ACCELERATOR_POWER_WATTS, "memory")).isPresent();
          });
    }
  }

  /** On a coherent part the kernel's page cache is in "used", with no process on the device. */
  @Test
  void thePageCacheOfATrayCountsAsUsedMemory() throws IOException {
    try (WatchedNode node = WatchedNode.start("profile gb300", "load 0").awaitUp(4)) {
      node.simulated().set(1, "page_cache_bytes", 33_000_000_000L);
      soon()
          .untilAsserted(
              () -> assertThat(node.value(1, ACCELERATOR_MEMORY_USED_BYTES)).hasValue(33e9));
    }
  }

  @Test
  void anL40sHasNoSensorInItsMemory() throws IOException {
    try (WatchedNode node = WatchedNode.start("profile l40s").awaitUp(4)) {
      assertThat(node.value(0, ACCELERATOR_TEMPERATURE_CELSIUS, "core")).isPresent();
      assertThat(node.value(0, ACCELERATOR_TEMPERATURE_CELSIUS, "memory")).isEmpty();
    }
  }

  /** What came after driver 535 is absent, and nothing else suffers from that. */
  @Test
  void anOldDriverLacksWhatCameLater() throws IOException {
    try (WatchedNode node = WatchedNode.start("profile old-535").awaitUp(8)) {
      soon()
          .untilAsserted(() -> assertThat(node.value(3, Metric.ACCELERATOR_PROCESSES)).isPresent());
      assertThat(node.value(3, ACCELERATOR_TEMPERATURE_CELSIUS, "core")).isPresent();
      assertThat(node.value(3, ACCELERATOR_TEMPERATURE_MARGIN_CELSIUS)).isEmpty();
      assertThat(node.measured(ACCELERATOR_RECOVERY_ACTION).map(Series::metric)).isEmpty();
    }
  }

  @Test
  void everyProfileHasAWordOnTheCommandLine() {
    for (SimulatedUp.Profile profile : SimulatedUp.Profile.values()) {
      CommandLine.ParseResult parsed =
          new CommandLine(new SimulatedUp()).parseArgs("--simulate", profile.toString());
      assertThat(parsed.matchedOption("--simulate").<SimulatedUp.Profile>getValue())
          .isEqualTo(profile);
    }
  }

  @Test
  void anotherWordIsRefusedWithEachThatIsAllowedOnce() {
    assertThatThrownBy(() -> new CommandLine(new SimulatedUp()).parseArgs("--simulate", "old_535"))
        .hasMessageContaining("'old_535' is no profile: allowed are b200, ")
        .hasMessageContaining(", old-535, trn1, old-trn1, trn2, trn3, trn3-gen1");
  }
}
