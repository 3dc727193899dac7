package io.millwright.simulator;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ECC_ERRORS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ERROR_EVENTS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_RECOVERY_ACTION;
import static io.millwright.simulator.WatchedNode.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.Metric;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * What happens between the attachment and the first wait is no event of the driver's: nobody was
 * registered. It is found in the kernel log and in what the driver counts.
 */
class EarlyEventsTest {
  private static final String[] SCENARIO = {
    "fault 3 xid 119", "fault 3 ecc uncorrected 2", "load 0.2"
  };

  private static WatchedNode node(boolean kernelLog) throws IOException {
    SimulatedNode simulated = WatchedNode.simulated(SCENARIO);
    WatchedNode.Surroundings none = WatchedNode.Surroundings.none();
    Optional<Path> log = kernelLog ? Optional.of(simulated.kernelLog()) : Optional.empty();
    WatchedNode.Surroundings around =
        new WatchedNode.Surroundings(
            none.clock(),
            none.bootId(),
            log,
            none.state(),
            none.holders(),
            none.probes(),
            Metric.Tier.BASE);
    return WatchedNode.start(around, simulated).awaitUp(8);
  }

  private static double count(WatchedNode node, int device) {
    return node.value(device, ACCELERATOR_ERROR_EVENTS_TOTAL, "xid", "119").orElse(0);
  }

  private static void awaitRegistered(WatchedNode node) {
    soon()
        .ignoreExceptions()
        .until(() -> node.simulated().command("calls").contains("nvmlDeviceRegisterEvents=8"));
  }

  @Test
  void anXidBeforeTheRegistrationIsCountedOnceFromTheKernelLog() throws IOException {
    try (WatchedNode node = node(true)) {
      awaitRegistered(node);
      soon().until(() -> count(node, 3) == 1);
      soon().until(() -> node.value(3, ACCELERATOR_RECOVERY_ACTION, "reset").orElse(0) == 1);
      node.simulated().command("fault 2 xid 119");
      soon().until(() -> count(node, 2) == 1); // what came later was counted: nothing is under way
      assertThat(count(node, 3)).isEqualTo(1);
      assertThat(node.value(3, ACCELERATOR_ECC_ERRORS_TOTAL, "dram", "uncorrected")).hasValue(2);
    }
  }

  /** Where no kernel log can be read the event is lost, but not what it has left behind. */
  @Test
  void withoutAKernelLogTheDeviceStillSaysWhatIsToBeDone() throws IOException {
    try (WatchedNode node = node(false)) {
      awaitRegistered(node);
      node.simulated().command("fault 2 xid 119");
      soon().until(() -> count(node, 2) == 1);
      assertThat(count(node, 3)).isZero();
      soon().until(() -> node.value(3, ACCELERATOR_RECOVERY_ACTION, "reset").orElse(0) == 1);
      assertThat(node.value(3, ACCELERATOR_ECC_ERRORS_TOTAL, "dram", "uncorrected")).hasValue(2);
    }
  }
}
