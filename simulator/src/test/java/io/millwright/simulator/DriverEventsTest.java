package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/**
 * What the driver tells of by itself is read at once; the slow period is longer than the patience.
 */
class DriverEventsTest {
  private static final int DEVICES = 8;
  private static final String[] LONG = {
    "--set", "sampling.fast=200ms", "--set", "sampling.medium=2s", "--set", "sampling.slow=60s"
  };

  @Test
  void errorsThatTheDriverTellsOfAreCountedLongBeforeTheirTime() throws Exception {
    SimulatedNode node = AgentProcess.simulated("profile b200", "load 0.4");
    try (AgentProcess agent = AgentProcess.up(node, LONG)) {
      agent.awaitPage(page -> page.up(DEVICES) && uncorrected(page, 0) == 0);
      awaitRegistered(node);
      node.fault(0, "ecc uncorrected 5");
      LivePage page = agent.awaitPage(seen -> uncorrected(seen, 0) == 5);
      assertThat(uncorrected(page, 3)).isZero();
    }
  }

  private static double uncorrected(LivePage page, int device) {
    return page.device(device, "ecc_errors_total", "location=\"dram\"", "severity=\"uncorrected\"");
  }

  private static void awaitRegistered(SimulatedNode node) {
    WatchedNode.soon().until(() -> registered(node));
  }

  private static boolean registered(SimulatedNode node) throws IOException {
    return node.command("calls").contains("nvmlDeviceRegisterEvents=" + DEVICES);
  }
}
