package io.millwright.simulator;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ENGINE_ACTIVE_RATIO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_BANDWIDTH_UTILIZATION_RATIO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_POWER_WATTS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_UTILIZATION_RATIO;
import static io.millwright.simulator.WatchedNode.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.simulator.WatchedNode.Surroundings;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the engines of a device do, by GPM, and what is shown where there is none. */
class EnginesTest {

  @ParameterizedTest
  @ValueSource(strings = {"h100", "h200", "b200", "b300", "gb200", "gb300", "old-535"})
  void fromHopperOnTheyFollowTheLoad(String profile) throws IOException {
    try (WatchedNode node = WatchedNode.start("profile " + profile, "load 0.5").awaitUp(4)) {
      soon().untilAsserted(() -> engineIs(node, 1, "graphics", 0.5));
      node.simulated().set(1, "load", 0.9);
      soon()
          .untilAsserted(() -> {
            engineIs(node, 1, "graphics", 0.9);
            engineIs(node, 1, "tensor", 0.9 * 0.55);
            engineIs(node, 2, "graphics", 0.5);
            assertThat(node.value(1, ACCELERATOR_MEMORY_BANDWIDTH_UTILIZATION_RATIO).orElseThrow())
                .isCloseTo(0.54, within(1e-5));
          });
    }
  }

  private static void engineIs(WatchedNode node, int device, String engine, double ratio) {
    assertThat(node.value(device, ACCELERATOR_ENGINE_ACTIVE_RATIO, engine).orElse(-1))
        .isCloseTo(ratio, within(1e-5));
  }

  /** The bandwidth is then the coarse one of the utilization, whose percent it follows. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "profile l40s",
        "missing nvmlGpmQueryDeviceSupport",
        "missing nvmlGpmSampleAlloc",
        "missing nvmlGpmSampleGet",
        "missing nvmlGpmMetricsGet"
      })
  void withoutGpmTheyAreAbsentAndTheBandwidthIsTheOldOne(String scenario) throws IOException {
    try (WatchedNode node = WatchedNode.start(scenario, "devices 4", "load 0.5").awaitUp(4)) {
      node.simulated().set(2, "utilization_memory", 77);
      soon()
          .untilAsserted(() -> {
            assertThat(node.value(2, ACCELERATOR_MEMORY_BANDWIDTH_UTILIZATION_RATIO))
                .hasValue(0.77);
            assertThat(readings(node, ACCELERATOR_ENGINE_ACTIVE_RATIO))
                .hasSize(28)
                .allMatch(reading -> reading instanceof Reading.Unsupported);
          });
    }
  }

  @Test
  void standsDownWhileTheCountersAreAnothersAndSaysSo() throws IOException {
    AtomicBoolean free = new AtomicBoolean(true);
    try (WatchedNode node =
        WatchedNode.start(
                Surroundings.none(), WatchedNode.simulated("devices 2", "load 0.5"), free::get)
            .awaitUp(2)) {
      soon().untilAsserted(() -> engineIs(node, 0, "sm", 0.46));
      free.set(false);
      soon()
          .untilAsserted(() -> {
            assertThat(readings(node, ACCELERATOR_ENGINE_ACTIVE_RATIO))
                .allMatch(reading -> reading.equals(new Reading.Unavailable(Fault.IN_USE)));
            assertThat(calls(node, "nvmlGpmSampleFree"))
                .isEqualTo(calls(node, "nvmlGpmSampleAlloc"));
          });
      node.simulated().command("calls reset");
      node.simulated().set(0, "utilization_memory", 33);
      soon()
          .untilAsserted(() ->
              assertThat(node.value(0, ACCELERATOR_MEMORY_BANDWIDTH_UTILIZATION_RATIO))
                  .hasValue(0.33));
      assertThat(calls(node, "nvmlGpmSampleGet")).isZero();
      assertThat(node.value(0, ACCELERATOR_POWER_WATTS, "gpu")).isPresent();
      free.set(true);
      soon().untilAsserted(() -> engineIs(node, 0, "sm", 0.46));
    }
  }

  /** Two samples a device, however often it is read, and all given back before the end. */
  @Test
  void keepsTwoSamplesAndGivesThemBackAtTheEnd() throws IOException {
    SimulatedNode simulated = WatchedNode.simulated("devices 3");
    try (WatchedNode node = WatchedNode.start(Surroundings.none(), simulated).awaitUp(3)) {
      soon().until(() -> calls(node, "nvmlGpmMetricsGet") > 30);
      assertThat(calls(node, "nvmlGpmSampleAlloc")).isEqualTo(6);
    }
    assertThat(count(simulated, "nvmlGpmSampleFree")).isEqualTo(6);
    assertThat(count(simulated, "nvmlShutdown")).isPositive();
  }

  @Test
  void aDeviceWhoseCountersFailIsReadOtherwiseAndItsNeighbourWholly() throws IOException {
    try (WatchedNode node = WatchedNode.start("devices 2", "load 0.5").awaitUp(2)) {
      soon().untilAsserted(() -> engineIs(node, 1, "sm", 0.46));
      node.simulated().fault(1, "code nvmlGpmSampleGet 999");
      soon()
          .untilAsserted(() -> {
            assertThat(node.value(1, ACCELERATOR_ENGINE_ACTIVE_RATIO, "sm")).isEmpty();
            assertThat(node.value(1, ACCELERATOR_UTILIZATION_RATIO)).hasValue(0.5);
          });
      engineIs(node, 0, "sm", 0.46);
      node.simulated().fault(1, "code nvmlGpmSampleGet 0");
      soon().untilAsserted(() -> engineIs(node, 1, "sm", 0.46));
    }
  }

  private static List<Reading> readings(WatchedNode node, Metric metric) {
    return node.snapshot().samples().stream()
        .flatMap(sample -> ofFamily(sample, metric).mapToObj(sample::reading))
        .toList();
  }

  private static IntStream ofFamily(Sample sample, Metric metric) {
    return IntStream.range(0, sample.table().size())
        .filter(i -> sample.table().series(i).metric() == metric);
  }

  private static long calls(WatchedNode node, String function) throws IOException {
    return count(node.simulated(), function);
  }

  private static long count(SimulatedNode simulated, String function) throws IOException {
    return simulated.command("calls").stream()
        .filter(line -> line.startsWith(function + "="))
        .mapToLong(line -> Long.parseLong(line.substring(line.indexOf('=') + 1)))
        .sum();
  }
}
