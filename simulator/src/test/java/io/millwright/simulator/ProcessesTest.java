package io.millwright.simulator;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PROCESSES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PROCESS_MEMORY_BYTES;
import static io.millwright.simulator.WatchedNode.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.Metric;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The processes of a device, by the entries of each driver. */
class ProcessesTest {
  private static WatchedNode node(Metric.Tier tier, String... scenario) throws IOException {
    return WatchedNode.start(WatchedNode.Surroundings.of(tier), WatchedNode.simulated(scenario));
  }

  /** The second writes entries of 32 bytes by the same function. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "driver_version 580.82.07",
        "driver_version 535.54.03",
        "driver_version 535.86.10",
        "profile old-535"
      })
  void whatTheyHaveTakenIsSummedWhateverTheDriverWrites(String driver) throws IOException {
    try (WatchedNode node = node(Metric.Tier.EXTENDED, driver, "devices 2").awaitUp(2)) {
      soon().until(() -> node.value(1, ACCELERATOR_PROCESS_MEMORY_BYTES).orElse(-1) == 0);
      node.simulated().command("process 1 add 4001 1000000007");
      shows(node, 1, 1_000_000_007L);
      node.simulated().command("process 1 add 4002 20000000");
      node.simulated().command("process 1 add 4003 300");
      shows(node, 3, 1_020_000_307L);
      assertThat(node.value(0, ACCELERATOR_PROCESS_MEMORY_BYTES)).hasValue(0);
      node.simulated().command("process 1 clear");
      shows(node, 0, 0);
    }
  }

  @Test
  void moreThanThereWasRoomForAreCountedAndSummed() throws IOException {
    try (WatchedNode node = node(Metric.Tier.EXTENDED, "devices 1").awaitUp(1)) {
      for (int i = 0; i < 100; i++) {
        node.simulated().command("process 0 add " + (5000 + i) + " 1000003");
      }
      shows(node, 100, 100_000_300L);
    }
  }

  @Test
  void theBaseTierCountsThemAlone() throws IOException {
    try (WatchedNode node = node(Metric.Tier.BASE, "devices 1").awaitUp(1)) {
      node.simulated().command("process 0 add 4001 1000000");
      soon().until(() -> node.value(0, ACCELERATOR_PROCESSES).orElse(0) == 1);
      assertThat(node.measured(ACCELERATOR_PROCESS_MEMORY_BYTES)).isEmpty();
    }
  }

  private static void shows(WatchedNode node, int processes, long bytes) {
    int device = node.value(1, ACCELERATOR_PROCESSES).isPresent() ? 1 : 0;
    soon()
        .untilAsserted(() -> {
          assertThat(node.value(device, ACCELERATOR_PROCESSES)).hasValue(processes);
          assertThat(node.value(device, ACCELERATOR_PROCESS_MEMORY_BYTES)).hasValue((double) bytes);
        });
  }
}
