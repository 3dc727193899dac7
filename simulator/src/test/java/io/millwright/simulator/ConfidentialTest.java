package io.millwright.simulator;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_CONFIDENTIAL_COMPUTING_MODE;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_CONFIDENTIAL_COMPUTING_READY;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_CONFIDENTIAL_MEMORY_SIZE_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_CONFIDENTIAL_MEMORY_USED_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_CONFIDENTIAL_PEER_PROTECTION;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ECC_MODE_ENABLED;
import static io.millwright.simulator.WatchedNode.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.Metric;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Confidential computing: a state of the node that each device shows, and its protected memory. */
class ConfidentialTest {
  private static final List<String> MODES = List.of("off", "on", "devtools");

  private static WatchedNode node(String... scenario) throws IOException {
    return WatchedNode.start(
        WatchedNode.Surroundings.of(Metric.Tier.OPTIONAL), WatchedNode.simulated(scenario));
  }

  private static void awaitMode(WatchedNode node, int device, String word) {
    soon()
        .untilAsserted(() -> {
          for (String mode : MODES) {
            assertThat(node.value(device, ACCELERATOR_CONFIDENTIAL_COMPUTING_MODE, mode))
                .as(mode)
                .hasValue(mode.equals(word) ? 1 : 0);
          }
        });
  }

  /** By the newer function, and by the first one where the driver has no other. */
  @ParameterizedTest
  @CsvSource({"580.82.07, b200", "570.124.04, h100", "535.261.03, old-535"})
  void everyDeviceSaysWhetherItIsOn(String driver, String profile) throws IOException {
    try (WatchedNode node =
        node("profile " + profile, "driver_version " + driver, "devices 2").awaitUp(2)) {
      awaitMode(node, 0, "off");
      assertThat(node.measured(ACCELERATOR_CONFIDENTIAL_COMPUTING_READY)).isEmpty();
      assertThat(node.measured(ACCELERATOR_CONFIDENTIAL_MEMORY_SIZE_BYTES)).isEmpty();
      node.simulated().command("confidential feature 1");
      awaitMode(node, 0, "on");
      awaitMode(node, 1, "on");
      node.simulated().command("confidential devtools 1");
      awaitMode(node, 1, "devtools");
      node.simulated().command("confidential feature 7");
      awaitMode(node, 1, "a state that nobody knows yet");
      node.simulated().command("confidential feature 0");
      awaitMode(node, 1, "off");
    }
  }

  @Test
  void whileItIsOnTheDevicesTakeWorkOrNot() throws IOException {
    try (WatchedNode node = node("devices 2", "confidential feature 1").awaitUp(2)) {
      soon().until(() -> node.value(1, ACCELERATOR_CONFIDENTIAL_COMPUTING_READY).orElse(-1) == 0);
      node.simulated().command("confidential ready 1");
      soon().until(() -> node.value(1, ACCELERATOR_CONFIDENTIAL_COMPUTING_READY).orElse(-1) == 1);
      node.simulated().command("confidential feature 0");
      soon().until(() -> node.value(1, ACCELERATOR_CONFIDENTIAL_COMPUTING_READY).isEmpty());
    }
  }

  /** What the node fails to say is no word on its devices. */
  @ParameterizedTest
  @CsvSource({
    "nvmlSystemGetConfComputeSettings, 15",
    "nvmlSystemGetConfComputeGpusReadyState, 15",
    "nvmlSystemGetConfComputeSettings, 2"
  })
  void aFaultOfTheNodeIsNotTheDevices(String function, int code) throws IOException {
    try (WatchedNode node =
        node("devices 2", "confidential feature 1", "confidential ready 1").awaitUp(2)) {
      soon().until(() -> node.value(1, ACCELERATOR_CONFIDENTIAL_COMPUTING_READY).orElse(-1) == 1);
      node.simulated().command("fault all code " + function + " " + code);
      soon().until(() -> node.value(1, ACCELERATOR_CONFIDENTIAL_COMPUTING_READY).isEmpty());
      for (int round = 0; round < 3; round++) {
        node.awaitReadAnew(0, ACCELERATOR_ECC_MODE_ENABLED);
        node.awaitReadAnew(1, ACCELERATOR_ECC_MODE_ENABLED);
        assertThat(List.of(node.up(0), node.up(1))).containsOnly(true);
      }
      node.simulated().command("fault all code " + function + " 0");
      soon().until(() -> node.value(1, ACCELERATOR_CONFIDENTIAL_COMPUTING_READY).orElse(-1) == 1);
    }
  }

  /** Protected PCIe is a state of its own, in which the feature as such is off. */
  @Test
  void devicesMayBeProtectedTogetherWithoutIt() throws IOException {
    try (WatchedNode node = node("devices 2", "confidential multi_gpu 1").awaitUp(2)) {
      soon()
          .until(() ->
              node.value(1, ACCELERATOR_CONFIDENTIAL_PEER_PROTECTION, "protected_pcie").orElse(0)
                  == 1);
      assertThat(node.value(1, ACCELERATOR_CONFIDENTIAL_PEER_PROTECTION, "nvle")).hasValue(0);
      soon().until(() -> node.value(1, ACCELERATOR_CONFIDENTIAL_COMPUTING_READY).orElse(-1) == 0);
      awaitMode(node, 1, "off");
      node.simulated().command("confidential multi_gpu 2");
      soon()
          .until(
              () -> node.value(1, ACCELERATOR_CONFIDENTIAL_PEER_PROTECTION, "nvle").orElse(0) == 1);
    }
  }

  /** What a failed call left behind is no size, and the device itself is well. */
  @Test
  void aRefusedSizeIsNone() throws IOException {
    try (WatchedNode node = node("devices 2", "confidential feature 1", "poison on").awaitUp(2)) {
      soon().until(() -> node.value(1, ACCELERATOR_CONFIDENTIAL_MEMORY_USED_BYTES).isPresent());
      node.simulated().fault(1, "code nvmlDeviceGetConfComputeProtectedMemoryUsage 10");
      soon().until(() -> node.value(1, ACCELERATOR_CONFIDENTIAL_MEMORY_USED_BYTES).isEmpty());
      assertThat(node.value(1, ACCELERATOR_CONFIDENTIAL_MEMORY_SIZE_BYTES, "protected"))
          .isPresent();
      assertThat(node.value(0, ACCELERATOR_CONFIDENTIAL_MEMORY_USED_BYTES)).isPresent();
      assertThat(node.up(1)).isTrue();
    }
  }
}
