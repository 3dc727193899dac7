package io.millwright.simulator;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ERROR_EVENTS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ERROR_EVENT_LAST_TIMESTAMP_SECONDS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_INFO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_USED_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_NATIVE_CALL_STUCK_SECONDS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_POWER_WATTS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_TEMPERATURE_CELSIUS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_TEMPERATURE_MARGIN_CELSIUS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_UTILIZATION_RATIO;
import static io.millwright.protocol.vocabulary.Metric.NODE_ACCELERATORS;
import static io.millwright.simulator.WatchedNode.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.lane.RoundResult;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Lanes over a driver that misbehaves. */
class NvidiaLanesTest {
  private static final int DEVICES = 8;

  @SuppressWarnings("NullAway.Init") // each test starts its own
  private WatchedNode node;

  private void start(String... scenario) throws IOException {
    node = WatchedNode.start(scenario);
    node.awaitUp(DEVICES);
  }

  @AfterEach
  void stop() {
    node.close();
  }

  @Test
  void aHungDeviceHoldsUpNoOtherAndComesBackWhenReleased() throws IOException {
    start();
    node.simulated().fault(3, "hang");
    soon().until(() -> !node.up(3) && stuckSeconds(3) > 0.3);
    double before = stuckSeconds(3);
    soon().until(() -> stuckSeconds(3) > before + 0.3);

    long sequence = node.snapshot().sequence();
    while (node.snapshot().sequence() < sequence + 20) {
      assertThat(others(3).allMatch(node::up)).isTrue();
      assertThat(
              others(3)
                  .mapToDouble(i -> node.ageInTicks(i, ACCELERATOR_POWER_WATTS))
                  .max()
                  .orElseThrow())
          .isLessThanOrEqualTo(2);
      LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
    }
    assertThat(node.value(3, ACCELERATOR_POWER_WATTS)).isEmpty();
    assertThat(node.value(3, ACCELERATOR_INFO)).hasValue(1);
    assertThat(laneThreads(3)).isEqualTo(1);

    node.simulated().fault(3, "release");
    soon().until(() -> node.up(3) && node.value(3, ACCELERATOR_POWER_WATTS).isPresent());
    assertThat(node.value(3, ACCELERATOR_NATIVE_CALL_STUCK_SECONDS)).isEmpty();
  }

  @Test
  void anOrderlyStopNamesTheCallThatNeverCameBack() throws Exception {
    start();
    node.simulated().fault(5, "hang nvmlDeviceGetUtilizationRates");
    soon().until(() -> stuckSeconds(5) > 0);
    assertThat(node.nvidia().stop(Duration.ofMillis(500)))
        .containsExactly("nvmlDeviceGetUtilizationRates");
    node.simulated().fault(5, "release");
  }

  @Test
  void aLostDeviceIsDownAtOnceAndFoundAgainByItsUuid() throws IOException {
    start();
    String uuid = node.simulated().get(2).getOrDefault("uuid", "");
    node.simulated().fault(2, "lost");
    soon().until(() -> !node.up(2));
    assertThat(node.value(2, ACCELERATOR_MEMORY_USED_BYTES)).isEmpty();
    assertThat(others(2).allMatch(node::up)).isTrue();

    node.simulated().fault(2, "gone");
    soon().until(() -> counted() == DEVICES - 1);
    node.simulated().fault(2, "return");
    soon().until(() -> node.up(2) && counted() == DEVICES);
    assertThat(
            node.measured(ACCELERATOR_INFO)
                .filter(series -> series.labelValues().get(2).equals(uuid)))
        .hasSize(1);
    assertThat(node.measured(ACCELERATOR_INFO)).hasSize(DEVICES);
  }

  @Test
  void aDeviceThatIsMissingAtStartGetsItsLaneWhenItComes() throws IOException {
    node = WatchedNode.start("fault 1 gone");
    soon().until(() -> node.measured(ACCELERATOR_INFO).count() == DEVICES - 1);
    node.simulated().fault(1, "return");
    soon().until(() -> node.measured(ACCELERATOR_INFO).count() == DEVICES);
    assertThat(node.measured(ACCELERATOR_INFO).map(series -> series.labelValues().get(2)))
        .doesNotHaveDuplicates();
  }

  @Test
  void aDriverThatIsLoadedLateIsWaitedFor() throws IOException {
    node = WatchedNode.start("driver unload");
    soon().until(() -> node.nvidia().refusal().contains("driver not loaded"));
    assertThat(node.nvidia().refusal()).contains("library present", "modprobe nvidia");
    node.simulated().command("driver load");
    node.awaitUp(DEVICES);
    assertThat(node.nvidia().refusal()).isEmpty();
  }

  @Test
  void aReloadedDriverIsAttachedAnew() throws IOException {
    start();
    for (int round = 0; round < 3; round++) {
      node.simulated().command("calls reset");
      node.simulated().command("driver unload");
      soon().until(() -> IntStream.range(0, DEVICES).noneMatch(node::up));
      assertThat(node.value(0, ACCELERATOR_TEMPERATURE_CELSIUS, "core")).isEmpty();
      node.simulated().command("driver load");
      node.awaitUp(DEVICES);
    }
    awaitRegistered();
    node.simulated().fault(4, "xid 13");
    soon().until(() -> errors(4, "13") == 1);
  }

  @Test
  void xidsAreCountedFromZeroWithTheirTime() throws IOException {
    start();
    awaitRegistered();
    soon().until(() -> errors(6, "79") == 0 && errors(6, "119") == 0);
    assertThat(node.value(6, ACCELERATOR_ERROR_EVENTS_TOTAL, "xid", "31")).isEmpty();
    node.simulated().fault(6, "xid 31");
    node.simulated().fault(6, "xid 31");
    node.simulated().fault(6, "xid 119");
    soon().until(() -> errors(6, "31") == 2 && errors(6, "119") == 1 && errors(6, "154") == 1);
    assertThat(node.value(6, ACCELERATOR_ERROR_EVENT_LAST_TIMESTAMP_SECONDS, "xid", "31").orElse(0))
        .isGreaterThan(1.7e9);
    assertThat(errors(5, "31")).isNaN();
    node.simulated().fault(6, "xid 4242");
    soon().until(() -> errors(6, "other") == 1);
  }

  @Test
  void aFunctionThatFailsTakesOnlyItsFamilyAway() throws IOException {
    start("missing nvmlDeviceGetMarginTemperature");
    assertThat(node.value(0, ACCELERATOR_TEMPERATURE_MARGIN_CELSIUS)).isEmpty();
    assertThat(node.value(0, ACCELERATOR_TEMPERATURE_CELSIUS, "core")).isPresent();
    node.simulated().fault(1, "code nvmlDeviceGetUtilizationRates 999");
    soon().until(() -> node.value(1, ACCELERATOR_UTILIZATION_RATIO).isEmpty());
    assertThat(node.up(1)).isTrue();
    assertThat(node.value(1, ACCELERATOR_POWER_WATTS, "gpu")).isPresent();
    node.simulated().fault(1, "code nvmlDeviceGetUtilizationRates 0");
    soon().until(() -> node.value(1, ACCELERATOR_UTILIZATION_RATIO).isPresent());
  }

  /** The one reading that every device has tells whether it answers. */
  @Test
  void aDeviceWhoseTemperatureFailsIsNotUp() throws IOException {
    start();
    node.simulated().fault(1, "code nvmlDeviceGetTemperatureV 999");
    soon().until(() -> !node.up(1));
    assertThat(others(1).allMatch(node::up)).isTrue();
    node.simulated().fault(1, "code nvmlDeviceGetTemperatureV 0");
    soon().until(() -> node.up(1));
  }

  @Test
  void aDeviceThatHangsWhileItIsOpenedHoldsUpNoOther() throws IOException {
    node = WatchedNode.start("fault 2 hang nvmlDeviceGetUUID");
    soon().until(() -> node.upByUuid().size() == DEVICES - 1);
    assertThat(others(2).allMatch(node::up)).isTrue();
    assertThat(laneThreads(2)).isEqualTo(1);
    node.simulated().fault(2, "release");
    node.awaitUp(DEVICES);
    assertThat(node.upByUuid()).hasSize(DEVICES);
  }

  @Test
  void aDriverIsAttachedAnewAroundADeviceThatHangs() throws IOException {
    start();
    node.simulated().fault(3, "hang");
    soon().until(() -> stuckSeconds(3) > 0);
    for (int round = 0; round < 2; round++) {
      node.simulated().command("driver unload");
      soon().until(() -> node.upByUuid().isEmpty());
      node.simulated().command("driver load");
      soon().until(() -> others(3).allMatch(node::up));
      assertThat(node.up(3)).isFalse();
    }
    node.simulated().fault(3, "release");
    node.awaitUp(DEVICES);
    soon()
        .until(() -> {
          node.simulated().fault(3, "xid 31"); // lost until the device is registered anew
          return errors(3, "31") >= 1;
        });
  }

  /** Nobody waits for the thread that waits for events. */
  @Test
  void aHungEventWaitIsToldAndKeepsNoDeviceFromComingBack() throws IOException {
    start();
    awaitRegistered();
    node.simulated().command("fault all hang nvmlEventSetWait_v2");
    soon().until(() -> node.nvidia().driverProbe().last() instanceof RoundResult.Failed);
    node.simulated().command("driver unload");
    soon().until(() -> node.upByUuid().isEmpty());
    node.simulated().command("driver load");
    node.awaitUp(DEVICES);
    node.simulated().command("fault all release");
    soon()
        .until(() -> {
          node.simulated().fault(2, "xid 31");
          return errors(2, "31") >= 1;
        });
    assertThat(node.nvidia().driverProbe().last()).isInstanceOf(RoundResult.Succeeded.class);
  }

  /** A result that stands is one run, however many ticks it stands for. */
  @Test
  void anAttemptIsOneFailedRound() throws IOException {
    node = WatchedNode.start("driver unload");
    soon().until(() -> node.nvidia().driverProbe().last().round() == 2);
    assertThat(node.simulated().command("calls").toString()).contains("nvmlInit_v2=2");
  }

  @Test
  void aDeviceWhoseEventsAreRefusedIsRegisteredLater() throws IOException {
    start("fault 5 code nvmlDeviceRegisterEvents 999");
    soon().until(() -> errors(6, "79") == 0);
    assertThat(errors(5, "79")).as("nothing listens, so nothing was counted").isNaN();
    node.simulated().fault(5, "code nvmlDeviceRegisterEvents 0");
    soon().until(() -> errors(5, "79") == 0);
    node.simulated().fault(5, "xid 79");
    soon().until(() -> errors(5, "79") == 1);
  }

  @Test
  void identityIsMarkedAsSimulated() throws IOException {
    start();
    assertThat(node.measured(ACCELERATOR_INFO)).allMatch(series -> series.simulated());
    assertThat(node.measured(ACCELERATOR_INFO).findFirst().orElseThrow().labelValues())
        .contains("NVIDIA B200", "blackwell", "nvidia");
  }

  private static IntStream others(int device) {
    return IntStream.range(0, DEVICES).filter(i -> i != device);
  }

  private double stuckSeconds(int device) {
    return node.value(device, ACCELERATOR_NATIVE_CALL_STUCK_SECONDS).orElse(0);
  }

  private double errors(int device, String code) {
    return node.value(device, ACCELERATOR_ERROR_EVENTS_TOTAL, "xid", code).orElse(Double.NaN);
  }

  private int counted() {
    return node.nvidia().counted();
  }

  /** Events before a device is registered are lost, as with the real driver. */
  private void awaitRegistered() {
    soon()
        .until(() ->
            node.simulated().command("calls").contains("nvmlDeviceRegisterEvents=" + DEVICES));
  }

  private static long laneThreads(int device) {
    List<String> names = Thread.getAllStackTraces().keySet().stream().map(Thread::getName).toList();
    return names.stream().filter(name -> name.equals("lane-nvidia-" + device)).count();
  }

  @Test
  void theDriversCountIsShown() throws IOException {
    start();
    assertThat(node.measured(NODE_ACCELERATORS)).hasSize(1);
    soon().until(() -> node.value(NODE_ACCELERATORS).equals(OptionalDouble.of(DEVICES)));
  }
}
