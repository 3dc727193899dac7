package io.millwright.simulator;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ENERGY_JOULES_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_POWER_UTILIZATION_RATIO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_POWER_WATTS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_POWER_WINDOW_SAMPLES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_POWER_WINDOW_WATTS;
import static io.millwright.simulator.WatchedNode.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Power over the last minute, and what the energy counter covers. */
class PowerWindowsTest {

  /** The buffer's, so that what rose and fell between two ticks is not lost. */
  @Test
  void lowestAndHighestAreThoseOfTheDriversBufferToo() throws IOException {
    try (WatchedNode node = WatchedNode.start("devices 2", "load 0.5").awaitUp(2)) {
      node.simulated().set(1, "power_instant_mw", 500_000); // all that a tick sees
      node.simulated().set(1, "power_mw", 1_777_000); // what the buffer has
      soon()
          .untilAsserted(() ->
              assertThat(node.value(1, ACCELERATOR_POWER_WINDOW_WATTS, "max", "gpu"))
                  .hasValue(1777));
      node.simulated().set(1, "power_instant_mw", 3_000);
      soon()
          .untilAsserted(() ->
              assertThat(node.value(1, ACCELERATOR_POWER_WINDOW_WATTS, "min", "gpu")).hasValue(3));
      assertThat(node.value(1, ACCELERATOR_POWER_WINDOW_WATTS, "max", "gpu")).hasValue(1777);
      assertThat(node.value(0, ACCELERATOR_POWER_WINDOW_WATTS, "max", "gpu").orElseThrow())
          .isLessThan(600);
      soon()
          .untilAsserted(() ->
              assertThat(node.value(1, ACCELERATOR_POWER_WINDOW_SAMPLES, "gpu", "driver").orElse(0))
                  .isGreaterThan(5));
      assertThat(node.value(1, ACCELERATOR_POWER_WINDOW_WATTS, "max", "module")).isEmpty();
    }
  }

  @Test
  void withoutABufferTheTicksAloneCountAndSaySo() throws IOException {
    try (WatchedNode node =
        WatchedNode.start("missing nvmlDeviceGetSamples", "devices 1", "load 0.5").awaitUp(1)) {
      node.simulated().set(0, "power_instant_mw", 1_888_000);
      soon()
          .untilAsserted(() ->
              assertThat(node.value(0, ACCELERATOR_POWER_WINDOW_WATTS, "max", "gpu"))
                  .hasValue(1888));
      assertThat(node.value(0, ACCELERATOR_POWER_WINDOW_SAMPLES, "gpu", "driver")).isEmpty();
      assertThat(node.value(0, ACCELERATOR_POWER_WINDOW_SAMPLES, "gpu", "agent").orElseThrow())
          .isPositive();
    }
  }

  @Test
  void utilizationIsOfTheHighestLimitThatTheDeviceAllows() throws IOException {
    try (WatchedNode node = WatchedNode.start("devices 1", "load 0.5").awaitUp(1)) {
      node.simulated().set(0, "power_limit_max_mw", 2_000_000);
      node.simulated().set(0, "power_mw", 1_500_000);
      soon()
          .untilAsserted(() ->
              assertThat(node.value(0, ACCELERATOR_POWER_UTILIZATION_RATIO, "max")).hasValue(0.75));
      node.simulated().set(0, "power_mw", 20_000);
      soon()
          .untilAsserted(() ->
              assertThat(node.value(0, ACCELERATOR_POWER_UTILIZATION_RATIO, "min")).hasValue(0.01));
      assertThat(node.value(0, ACCELERATOR_POWER_UTILIZATION_RATIO, "avg").orElseThrow())
          .isBetween(0.01, 0.75);
    }
  }

  @Test
  void aTrayHasAWindowOfEachOfItsScopes() throws IOException {
    try (WatchedNode node = WatchedNode.start("profile gb300", "load 0.5").awaitUp(4)) {
      node.simulated().set(2, "module_power_mw", 2_222_000);
      node.simulated().set(2, "memory_power_mw", 333_000);
      soon()
          .untilAsserted(() -> {
            assertThat(node.value(2, ACCELERATOR_POWER_WINDOW_WATTS, "max", "module"))
                .hasValue(2222);
            assertThat(node.value(2, ACCELERATOR_POWER_WINDOW_WATTS, "max", "memory"))
                .hasValue(333);
            assertThat(node.value(2, ACCELERATOR_POWER_WATTS, "module")).hasValue(2222);
          });
    }
  }

  /** Ten seconds of real time: the trial is as long as that on hardware. */
  @ParameterizedTest
  @CsvSource({"0, gpu", "1, module"})
  void energyIsShownUnderTheScopeThatItsPowerIsTheDerivativeOf(int scope, String word)
      throws IOException {
    try (WatchedNode node =
        WatchedNode.start("profile gb200", "devices 2", "load 0.7", "set all energy_scope " + scope)
            .awaitUp(2)) {
      soon()
          .untilAsserted(
              () -> assertThat(node.value(1, ACCELERATOR_ENERGY_JOULES_TOTAL, word)).isPresent());
      assertThat(node.measured(ACCELERATOR_ENERGY_JOULES_TOTAL))
          .allMatch(series -> series.labelValues().getLast().equals(word));
      double counted = Double.parseDouble(node.simulated().get(1, "energy_mj")) / 1e3;
      assertThat(node.value(1, ACCELERATOR_ENERGY_JOULES_TOTAL, word).orElseThrow())
          .isCloseTo(counted, within(counted / 5));
    }
  }

  /** A counter that is nobody's is not called anybody's. */
  @Test
  void energyThatNoScopeExplainsStaysAbsent() throws IOException {
    try (WatchedNode node =
        WatchedNode.start("profile gb200", "devices 1", "load 0.7").awaitUp(1)) {
      node.simulated().set(0, "energy_mj", 5_000_000);
      long ticks = node.snapshot().sequence();
      soon().until(() -> node.snapshot().sequence() > ticks + 240);
      assertThat(node.measured(ACCELERATOR_ENERGY_JOULES_TOTAL)).isEmpty();
    }
  }
}
