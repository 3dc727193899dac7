package io.millwright.simulator;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ERROR_EVENTS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_SIZE_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_USED_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_POWER_WATTS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_TEMPERATURE_CELSIUS;
import static io.millwright.simulator.WatchedNode.soon;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Lives of a driver: each ends in the right state of the right device by itself. */
class DriverLifeTest {
  private static final int DEVICES = 8;

  @SuppressWarnings("NullAway.Init") // each test starts its own
  private WatchedNode node;

  @AfterEach
  void stop() {
    node.close();
  }

  @Test
  void anOlderLibraryIsReadByItsOlderFunctions() throws IOException {
    node =
        WatchedNode.start(
                "missing nvmlDeviceGetTemperatureV",
                "missing nvmlDeviceGetMemoryInfo_v2",
                "missing nvmlDeviceGetCurrentClocksEventReasons",
                "missing nvmlEventSetWait_v2")
            .awaitUp(DEVICES);
    node.simulated().set(1, "temperature_c", 66);
    soon().until(() -> node.value(1, ACCELERATOR_TEMPERATURE_CELSIUS, "core").orElse(0) == 66);
    assertThat(node.value(1, ACCELERATOR_MEMORY_SIZE_BYTES)).isPresent();
    assertThat(node.value(1, ACCELERATOR_MEMORY_USED_BYTES)).isEmpty();
    soon()
        .until(() -> {
          node.simulated().fault(5, "xid 31"); // lost until the device is registered
          return node.value(5, ACCELERATOR_ERROR_EVENTS_TOTAL, "xid", "31").orElse(0) >= 1;
        });
  }

  @Test
  void aLibraryOfAnotherVersionThanTheDriverIsSaidAndWaitedFor() throws IOException {
    node = WatchedNode.start("fault all code nvmlInit_v2 18");
    soon().until(() -> node.nvidia().refusal().contains("another version than the loaded driver"));
    assertThat(node.upByUuid()).isEmpty();
    node.simulated().command("fault all code nvmlInit_v2 0");
    node.awaitUp(DEVICES);
  }

  @Test
  void aDriverExchangedUnderTheAgentIsAttachedAnew() throws IOException {
    node = WatchedNode.start().awaitUp(DEVICES);
    node.simulated().command("fault all code nvmlDeviceGetFieldValues 18");
    soon().until(() -> node.upByUuid().isEmpty());
    node.simulated().command("fault all code nvmlDeviceGetFieldValues 0");
    node.awaitUp(DEVICES);
  }

  @Test
  void aDeviceThatNeedsAResetIsDownAloneUntilItHadOne() throws IOException {
    node = WatchedNode.start().awaitUp(DEVICES);
    for (String function : new String[] {"nvmlDeviceGetTemperatureV", "nvmlDeviceGetFieldValues"}) {
      node.simulated().fault(2, "code " + function + " 16");
    }
    soon().until(() -> !node.up(2) && node.value(2, ACCELERATOR_POWER_WATTS, "gpu").isEmpty());
    assertThat(others(2).allMatch(node::up)).isTrue();
    for (String function : new String[] {"nvmlDeviceGetTemperatureV", "nvmlDeviceGetFieldValues"}) {
      node.simulated().fault(2, "code " + function + " 0");
    }
    node.simulated().fault(2, "reset");
    node.awaitUp(DEVICES);
    soon().until(() -> node.value(2, ACCELERATOR_POWER_WATTS, "gpu").isPresent());
  }

  /** The driver holds one lock: every device is unknown, and the tick goes on. */
  @Test
  void aDriverThatHangsAsAWholeStopsNoTickAndComesBack() throws IOException {
    node = WatchedNode.start().awaitUp(DEVICES);
    node.simulated().command("fault all hang");
    soon().until(() -> node.upByUuid().isEmpty() && !node.nvidia().refusal().isEmpty());
    long sequence = node.snapshot().sequence();
    soon().until(() -> node.snapshot().sequence() > sequence + 10);
    assertThat(IntStream.range(0, DEVICES).noneMatch(node::up)).isTrue();
    node.simulated().command("fault all release");
    node.awaitUp(DEVICES);
    assertThat(node.nvidia().refusal()).isEmpty();
  }

  private static IntStream others(int device) {
    return IntStream.range(0, DEVICES).filter(i -> i != device);
  }
}
