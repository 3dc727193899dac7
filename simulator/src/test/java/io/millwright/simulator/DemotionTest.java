package io.millwright.simulator;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_NATIVE_CALL_DEMOTED_PERIOD_SECONDS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_POWER_WATTS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_TEMPERATURE_MARGIN_CELSIUS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_UTILIZATION_RATIO;
import static io.millwright.simulator.WatchedNode.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.NodeSnapshot;
import java.io.IOException;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls that are made less often, and calls that are made once, from C to the snapshot. */
class DemotionTest {
  private static final int DEVICES = 8;
  private static final int TROUBLED = 3;
  private static final String UTILIZATION = "nvmlDeviceGetUtilizationRates";
  private static final String MARGIN = "nvmlDeviceGetMarginTemperature";

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
  @Timeout(120)
  void aSlowFunctionIsMadeLessOftenStaysOnThePageAndComesBack() throws IOException {
    start("load 0.5");
    node.simulated().fault(TROUBLED, "slow 12000 " + UTILIZATION);
    soon().until(() -> period(TROUBLED, UTILIZATION).isPresent());
    assertThat(period(TROUBLED, UTILIZATION).orElse(0)).isGreaterThanOrEqualTo(0.1);
    long sequence = node.snapshot().sequence();
    int shown = 0;
    for (NodeSnapshot now = node.snapshot(); shown < 20; now = node.snapshot()) {
      boolean read =
          WatchedNode.value(TROUBLED, now, ACCELERATOR_POWER_WATTS, "gpu").isPresent()
              && now.sequence() > sequence;
      if (read) { // a machine that stands still withholds all of a device's readings
        assertThat(WatchedNode.value(TROUBLED, now, ACCELERATOR_UTILIZATION_RATIO)).isPresent();
        sequence = now.sequence();
        shown++;
      }
      Thread.onSpinWait();
    }
    soon().until(() -> node.up(TROUBLED));
    others().forEach(i -> assertThat(period(i, UTILIZATION)).as("device " + i).isEmpty());

    node.simulated().fault(TROUBLED, "slow 0 " + UTILIZATION);
    soon().until(() -> period(TROUBLED, UTILIZATION).isEmpty());
    node.simulated().set(TROUBLED, "utilization_gpu", 77);
    soon()
        .until(() ->
            node.value(TROUBLED, ACCELERATOR_UTILIZATION_RATIO).equals(OptionalDouble.of(0.77)));
  }

  @Test
  void aFailingFunctionIsMadeLessOftenAndComesBack() throws IOException {
    start();
    node.simulated().fault(TROUBLED, "code " + MARGIN + " 999");
    soon().until(() -> period(TROUBLED, MARGIN).equals(OptionalDouble.of(0.2)));
    assertThat(node.value(TROUBLED, ACCELERATOR_TEMPERATURE_MARGIN_CELSIUS)).isEmpty();
    others()
        .forEach(
            i -> assertThat(node.value(i, ACCELERATOR_TEMPERATURE_MARGIN_CELSIUS)).isPresent());
    node.simulated().fault(TROUBLED, "code " + MARGIN + " 0");
    soon().until(() -> node.value(TROUBLED, ACCELERATOR_TEMPERATURE_MARGIN_CELSIUS).isPresent());
    soon().until(() -> period(TROUBLED, MARGIN).isEmpty());
  }

  /** The simulator counts: a function that is refused is called once for each device. */
  @Test
  void aRefusalCostsOneCallUntilTheDriverIsReloaded() throws IOException {
    start("missing " + MARGIN);
    long sequence = node.snapshot().sequence();
    soon().until(() -> node.snapshot().sequence() > sequence + 20);
    assertThat(made(MARGIN)).isEqualTo(DEVICES);
    node.simulated().command("driver unload");
    soon().until(() -> IntStream.range(0, DEVICES).noneMatch(node::up));
    node.simulated().command("driver load");
    node.awaitUp(DEVICES);
    soon().until(() -> made(MARGIN) >= 2 * DEVICES);
    long after = made(MARGIN);
    long later = node.snapshot().sequence();
    soon().until(() -> node.snapshot().sequence() > later + 20);
    assertThat(made(MARGIN)).as("asked once by each device that was opened").isEqualTo(after);
  }

  private long made(String function) throws IOException {
    return node.simulated().command("calls").stream()
        .filter(line -> line.startsWith(function + "="))
        .mapToLong(line -> Long.parseLong(line.substring(line.indexOf('=') + 1)))
        .sum();
  }

  private OptionalDouble period(int device, String call) {
    return node.value(device, ACCELERATOR_NATIVE_CALL_DEMOTED_PERIOD_SECONDS, call);
  }

  private static IntStream others() {
    return IntStream.range(0, DEVICES).filter(i -> i != TROUBLED);
  }
}
