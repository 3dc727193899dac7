package io.millwright.simulator;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ERROR_EVENTS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_HEALTH_CHECK;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_HEALTH_STATE;
import static io.millwright.simulator.JudgedNode.NODE;
import static io.millwright.simulator.WatchedNode.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Events of several sources, over restarts, and what becomes of them in the series. */
class HealthEventsTest {

  private static double count(JudgedNode node, int device, String code) {
    return node.watched()
        .value(device, ACCELERATOR_ERROR_EVENTS_TOTAL, "xid", code)
        .orElse(Double.NaN);
  }

  private static String line(JudgedNode node, int device, int xid) {
    String bus = node.bus(device).toLowerCase(Locale.ROOT);
    String address = bus.substring(bus.length() - "0000:1a:00.0".length(), bus.length() - 2);
    return "NVRM: Xid (PCI:%s): %d, pid=1, name=a, simulated".formatted(address, xid);
  }

  private static JudgedNode watched(Path state) throws Exception {
    JudgedNode node = new JudgedNode(state).awaitOk();
    soon().until(() -> count(node, 1, "79") == 0);
    soon()
        .until(() ->
            node.watched().simulated().command("calls").contains("nvmlDeviceRegisterEvents=8"));
    return node;
  }

  @Test
  void anXidOfDriverAndKernelLogIsOneAndOutlivesTheAgentAlone() throws Exception {
    Path state = Scratch.directory("mw-state").resolve("health");
    try (JudgedNode node = watched(state)) {
      // As after a device that was slow to answer at first.
      node.clock.advance(Duration.ofSeconds(11));
      node.command("fault 1 xid 31");
      node.kernel(line(node, 1, 31));
      soon().until(() -> count(node, 1, "31") == 1);
      node.kernel(line(node, 1, 43));
      soon().until(() -> count(node, 1, "43") == 1);
      assertThat(count(node, 1, "31")).isEqualTo(1);
      node.user(line(node, 1, 79));
      node.kernel(line(node, 1, 119));
      soon().until(() -> count(node, 1, "119") == 1);
      assertThat(count(node, 1, "79")).as("said by a user").isEqualTo(0);
      assertThat(count(node, 2, "119")).isEqualTo(0);

      node.restart("boot");
      soon().until(() -> node.verdict(1).equals(Optional.of(Verdict.FAILED)));
      node.settle();
      assertThat(count(node, 1, "31")).isEqualTo(1);
      assertThat(count(node, 1, "119")).isEqualTo(1);

      node.reboot();
      soon().until(() -> count(node, 1, "119") == 0);
      node.awaitOk(1);
    }
  }

  @Test
  void exactlyOneStateIsOneAndTheChecksSayWhy() throws Exception {
    try (JudgedNode node = watched(Path.of("/data/health"))) {
      assertThat(states(node)).isEqualTo(1);
      soon().until(() -> check(node, "memory") == 1);
      node.command("set 1 remap_failed 1");
      soon().until(() -> state(node, "failed") == 1);
      assertThat(states(node)).isEqualTo(1);
      assertThat(check(node, "memory")).isEqualTo(0);
      soon().until(() -> check(node, "thermal") == 1);
      node.command("fault 1 hang");
      soon().until(() -> node.speaks(1, "device-stuck"));
      assertThat(node.evidence(1, "device-stuck").getFirst().observed())
          .matches("nvml\\w+ has been in flight for \\d+ s");
      soon().until(() -> Double.isNaN(check(node, "thermal")));
      assertThat(check(node, "driver")).isEqualTo(0);
      assertThat(states(node)).isEqualTo(1);
      node.command("fault 1 release");
    }
  }

  @Test
  void aMarginBetweenItsTwoThresholdsEndsNothing() throws Exception {
    try (JudgedNode node = watched(Path.of("/data/health"))) {
      node.command("set 1 margin_c 1");
      soon()
          .until(() -> {
            node.settle();
            node.clock.advance(Duration.ofSeconds(61));
            node.ticks(2);
            return node.speaks(1, "margin-low");
          });
      node.command("set 1 margin_c 4");
      node.settle();
      node.clock.advance(Duration.ofMinutes(10));
      node.settle();
      assertThat(node.speaks(1, "margin-low")).isTrue();
    }
  }

  @Test
  void aReloadOfTheDriverIsNoLostDevice() throws Exception {
    try (JudgedNode node = watched(Path.of("/data/health"))) {
      node.command("driver unload");
      soon().until(() -> node.speaks(1, "driver-gone"));
      assertThat(node.verdict(1)).contains(Verdict.UNKNOWN);
      // Awaited until the driver has said that it is gone.
      soon().until(() -> node.verdict(NODE).isEmpty());
    }
  }

  private static double state(JudgedNode node, String state) {
    return state(node.watched().snapshot(), state);
  }

  private static double state(NodeSnapshot snapshot, String state) {
    return WatchedNode.value(1, snapshot, ACCELERATOR_HEALTH_STATE, state).orElse(Double.NaN);
  }

  /** Of one snapshot: the next may say something else. */
  private static double states(JudgedNode node) {
    NodeSnapshot snapshot = node.watched().snapshot();
    return Stream.of("ok", "degraded", "failed", "unknown")
        .mapToDouble(state -> state(snapshot, state))
        .sum();
  }

  private static double check(JudgedNode node, String check) {
    return node.watched().value(1, ACCELERATOR_HEALTH_CHECK, check).orElse(Double.NaN);
  }
}
