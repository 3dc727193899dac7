package io.millwright.simulator;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_UTILIZATION_WINDOW_RATIO;
import static io.millwright.simulator.WatchedNode.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.Metric;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Lowest and highest utilization of the last minute. */
class UtilizationWindowTest {

  @Test
  void keepsWhatHasPassed() throws IOException {
    SimulatedNode simulated = WatchedNode.simulated("devices 1", "set 0 utilization_gpu 40");
    WatchedNode.Surroundings around = WatchedNode.Surroundings.of(Metric.Tier.EXTENDED);
    try (WatchedNode node = WatchedNode.start(around, simulated).awaitUp(1)) {
      tells(node, 0.4, 0.4);
      node.simulated().set(0, "utilization_gpu", 90);
      tells(node, 0.4, 0.9);
      node.simulated().set(0, "utilization_gpu", 5);
      tells(node, 0.05, 0.9);
    }
  }

  private static void tells(WatchedNode node, double least, double most) {
    soon()
        .untilAsserted(() -> {
          assertThat(node.value(0, ACCELERATOR_UTILIZATION_WINDOW_RATIO, "min")).hasValue(least);
          assertThat(node.value(0, ACCELERATOR_UTILIZATION_WINDOW_RATIO, "max")).hasValue(most);
        });
  }
}
