package io.millwright.simulator;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_FABRIC_CONDITION;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_FABRIC_STATE;
import static io.millwright.simulator.WatchedNode.soon;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Registration with the NVLink fabric from the C call to the page. */
class FabricTest {
  private static final List<String> STATES =
      List.of("not_supported", "not_started", "in_progress", "completed");

  /** The third version, the second, and the one without a version, which has no health. */
  @ParameterizedTest
  @CsvSource({
    "driver_version 580.82.07, true",
    "driver_version 570.124.06, true",
    "missing nvmlDeviceGetGpuFabricInfoV, false",
    "profile old-535, false",
  })
  void isReadInTheVersionThatTheDriverHas(String scenario, boolean health) throws IOException {
    try (WatchedNode node = WatchedNode.start(scenario, "devices 2").awaitUp(2)) {
      soon().untilAsserted(() -> stateIs(node, 1, "completed"));
      assertThat(node.value(1, ACCELERATOR_FABRIC_CONDITION, "route_unhealthy").isPresent())
          .isEqualTo(health);
      node.simulated().set(1, "fabric_state", 1);
      soon().untilAsserted(() -> stateIs(node, 1, "not_started"));
      stateIs(node, 0, "completed");
    }
  }

  /** What the driver refused for its version is not asked at each tick. */
  @Test
  void aRefusedVersionIsNotAskedAgain() throws IOException {
    try (WatchedNode node =
        WatchedNode.start("driver_version 570.124.06", "devices 1").awaitUp(1)) {
      soon().untilAsserted(() -> stateIs(node, 0, "completed"));
      long before = calls(node, "nvmlDeviceGetGpuFabricInfoV");
      long rounds = calls(node, "nvmlDeviceGetMemoryInfo_v2");
      soon().until(() -> calls(node, "nvmlDeviceGetMemoryInfo_v2") >= rounds + 5);
      long more = calls(node, "nvmlDeviceGetGpuFabricInfoV") - before;
      assertThat(more).isBetween(4L, calls(node, "nvmlDeviceGetMemoryInfo_v2") - rounds + 1);
    }
  }

  @Test
  void afterTheDriverWasReloadedADeviceRegistersAnew() throws IOException {
    try (WatchedNode node = WatchedNode.start("devices 2").awaitUp(2)) {
      soon().untilAsserted(() -> stateIs(node, 0, "completed"));
      node.simulated().command("driver unload");
      soon().until(() -> !node.up(0));
      node.simulated().command("driver load");
      soon().untilAsserted(() -> stateIs(node, 0, "in_progress"));
      soon().untilAsserted(() -> stateIs(node, 0, "completed"));
    }
  }

  /** A state, or a bit of health, that nobody knows is no reading. */
  @Test
  void whatNobodyKnowsIsNotTakenForSomethingElse() throws IOException {
    try (WatchedNode node = WatchedNode.start("devices 2").awaitUp(2)) {
      node.simulated().set(1, "fabric_state", 9);
      node.simulated().set(1, "fabric_health_mask", 0x1ab);
      soon()
          .untilAsserted(() -> {
            for (String state : STATES) {
              assertThat(node.value(1, ACCELERATOR_FABRIC_STATE, state)).isEmpty();
            }
            assertThat(node.value(1, ACCELERATOR_FABRIC_CONDITION, "degraded_bandwidth")).isEmpty();
            assertThat(node.value(1, ACCELERATOR_FABRIC_CONDITION, "route_recovery")).hasValue(0);
          });
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"profile l40s"})
  void aDeviceWithoutFabricHasNone(String scenario) throws IOException {
    try (WatchedNode node = WatchedNode.start(scenario).awaitUp(4)) {
      assertThat(node.measured(ACCELERATOR_FABRIC_STATE)).isEmpty();
      assertThat(node.measured(ACCELERATOR_FABRIC_CONDITION)).isEmpty();
    }
  }

  private static void stateIs(WatchedNode node, int device, String expected) {
    for (String state : STATES) {
      assertThat(node.value(device, ACCELERATOR_FABRIC_STATE, state))
          .as(state)
          .hasValue(state.equals(expected) ? 1 : 0);
    }
  }

  private static long calls(WatchedNode node, String function) throws IOException {
    return node.simulated().command("calls").stream()
        .filter(line -> line.startsWith(function + "="))
        .mapToLong(line -> Long.parseLong(line.substring(line.indexOf('=') + 1)))
        .sum();
  }
}
