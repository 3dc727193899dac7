package io.millwright.simulator;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ERROR_EVENTS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_NATIVE_CALL_SECONDS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_POWER_WATTS;
import static io.millwright.simulator.WatchedNode.soon;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What one device does to the others, and a driver that is slow now and then. */
class NeighboursTest {
  private static double xids(WatchedNode node, int device, String code) {
    return node.value(device, ACCELERATOR_ERROR_EVENTS_TOTAL, "xid", code).orElse(0);
  }

  @Test
  void anErrorOfOneDevicesNvlinksIsSeenByItsNeighbours() throws IOException {
    try (WatchedNode node = WatchedNode.start("devices 4").awaitUp(4)) {
      soon()
          .ignoreExceptions()
          .until(() -> node.simulated().command("calls").contains("nvmlDeviceRegisterEvents=4"));
      node.simulated().command("fault 1 xid 149");
      soon()
          .untilAsserted(() -> {
            assertThat(xids(node, 1, "149")).isEqualTo(1);
            for (int neighbour : new int[] {0, 2, 3}) {
              assertThat(xids(node, neighbour, "145")).isEqualTo(1);
              assertThat(xids(node, neighbour, "149")).isZero();
            }
          });
      assertThat(xids(node, 1, "145")).isZero();
    }
  }

  /** Calls of very different lengths delay readings and lose none of them. */
  @Test
  void aDriverThatIsSlowNowAndThenIsStillReadWhole() throws IOException {
    try (WatchedNode node =
        WatchedNode.start("devices 4", "latency all 200 15000", "seed 11").awaitUp(4)) {
      soon()
          .until(() ->
              IntStream.range(0, 4)
                  .allMatch(device ->
                      node.value(device, ACCELERATOR_NATIVE_CALL_SECONDS_TOTAL).orElse(0) > 0.05));
      node.simulated().set(2, "power_mw", 345_000);
      soon().until(() -> node.value(2, ACCELERATOR_POWER_WATTS, "gpu").orElse(0) == 345);
      // one call in some thousands takes longer than a call may, and its device is back afterwards
      soon().until(() -> IntStream.range(0, 4).allMatch(node::up));
    }
  }
}
