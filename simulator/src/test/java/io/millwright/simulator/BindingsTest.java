package io.millwright.simulator;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ERROR_EVENTS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.NODE_ACCELERATORS;
import static io.millwright.simulator.WatchedNode.soon;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Devices that the driver is bound to and unbound from, and the drivers that do not tell. */
class BindingsTest {
  private static final int DEVICES = 4;

  /** The medium period, at which devices are counted and sought, is longer than the patience. */
  private static final String[] LONG = {
    "--set", "sampling.fast=200ms", "--set", "sampling.medium=60s", "--set", "sampling.slow=60s"
  };

  @Test
  void devicesThatComeAndGoAreCountedAndFoundLongBeforeTheirTime() throws Exception {
    SimulatedNode node = AgentProcess.simulated("profile gb200", "load 0.4");
    try (AgentProcess agent = AgentProcess.up(node, LONG)) {
      agent.awaitPage(page -> page.up(DEVICES) && counted(page) == DEVICES);
      soon().until(() -> node.command("calls").contains("nvmlSystemRegisterEvents=1"));
      node.fault(2, "gone");
      agent.awaitLog("driver was unbound from a device gpu_id=0x");
      agent.awaitPage(page -> page.up(DEVICES - 1) && counted(page) == DEVICES - 1);
      node.fault(2, "return");
      agent.awaitLog("driver was bound to a device gpu_id=0x");
      agent.awaitPage(page -> page.up(DEVICES) && counted(page) == DEVICES);
    }
  }

  private static double counted(LivePage page) {
    return page.value("millwright_node_accelerators").orElse(Double.NaN);
  }

  /** Nothing else changes: devices are counted and sought at the medium period as before. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "driver_version 570.124.06",
        "missing nvmlSystemRegisterEvents",
        "fault all code nvmlSystemEventSetCreate 999",
        "fault all code nvmlSystemRegisterEvents 3",
        "fault all code nvmlSystemEventSetWait 25",
      })
  void aDriverThatDoesNotTellLeavesEverythingAsItWas(String refusal) throws IOException {
    try (WatchedNode node = WatchedNode.start("profile gb200", refusal).awaitUp(DEVICES)) {
      soon().until(() -> node.simulated().command("calls").contains("nvmlDeviceRegisterEvents=4"));
      node.simulated().fault(1, "gone");
      soon().until(() -> node.value(NODE_ACCELERATORS).orElse(0) == DEVICES - 1);
      node.simulated().fault(1, "return");
      node.awaitUp(DEVICES);
      node.simulated().fault(3, "xid 31");
      soon().until(() -> node.value(3, ACCELERATOR_ERROR_EVENTS_TOTAL, "xid", "31").orElse(0) == 1);
      assertThat(node.nvidia().refusal()).isEmpty();
    }
  }

  /** Events for which there is no room are lost, and no device with them. */
  @Test
  void moreEventsThanThereIsRoomForLoseNoDevice() throws IOException {
    try (WatchedNode node = WatchedNode.start("profile gb200").awaitUp(DEVICES)) {
      soon().until(() -> node.simulated().command("calls").contains("nvmlSystemRegisterEvents=1"));
      for (int i = 0; i < 50; i++) { // more than the driver keeps
        node.simulated().fault(0, "reset");
      }
      node.awaitUp(DEVICES);
      node.simulated().fault(0, "gone");
      soon().until(() -> node.value(NODE_ACCELERATORS).orElse(0) == DEVICES - 1);
    }
  }
}
