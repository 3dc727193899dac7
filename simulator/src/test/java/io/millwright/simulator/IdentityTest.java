package io.millwright.simulator;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_INFO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_TEMPERATURE_THRESHOLD_CELSIUS;
import static io.millwright.protocol.vocabulary.Metric.NODE_ACCELERATORS;
import static io.millwright.protocol.vocabulary.Metric.NODE_ACCELERATORS_EXPECTED;
import static io.millwright.simulator.WatchedNode.soon;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What stands still: who the devices are, how many there should be, where their limits lie. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // set before all tests
class IdentityTest {
  private static final int DEVICES = 8;

  private WatchedNode node;

  @BeforeAll
  void startNode() throws IOException {
    node = WatchedNode.start();
    node.awaitUp(DEVICES);
  }

  @AfterAll
  void stopNode() {
    node.close();
  }

  @Test
  void everyDeviceIsWhoTheSimulatorSaysItIs() throws IOException {
    for (int device = 0; device < DEVICES; device++) {
      Map<String, String> simulated = node.simulated().get(device);
      Map<String, String> shown = info(device);
      assertThat(shown)
          .containsEntry("node", "node1")
          .containsEntry("uuid", simulated.get("uuid"))
          .containsEntry("accelerator", simulated.get("index"))
          .containsEntry(
              "pci_bus_id", simulated.getOrDefault("pci_bus_id", "").toLowerCase(Locale.ROOT))
          .containsEntry("vendor", "nvidia")
          .containsEntry("model", "NVIDIA B200")
          .containsEntry("architecture", "blackwell")
          .containsEntry("driver_version", "580.82.07")
          .containsEntry("minor", Integer.toString(device));
      assertThat(shown.get("serial")).matches("\\d{13}");
      assertThat(shown.get("firmware_version")).matches("[0-9A-F]{2}(\\.[0-9A-F]{2}){4}");
    }
  }

  private Map<String, String> info(int device) {
    return node.measured(ACCELERATOR_INFO)
        .map(series -> {
          Map<String, String> labels = new HashMap<>();
          for (int i = 0; i < series.metric().labels().size(); i++) {
            labels.put(series.metric().labels().get(i), series.labelValues().get(i));
          }
          return labels;
        })
        .filter(labels -> Integer.toString(device).equals(labels.get("accelerator")))
        .findFirst()
        .orElseThrow();
  }

  /** The simulator's thresholds lie at fixed distances from its temperature limit. */
  @Test
  void theThresholdsAreThoseOfTheLibrary() throws IOException {
    List<String> kinds = List.of("shutdown", "slowdown", "memory_max", "max_operating");
    List<Integer> aboveLimit = List.of(5, 2, 8, 0);
    for (int limit : new int[] {85, 79}) {
      node.simulated().set(4, "temperature_limit_c", limit);
      for (int i = 0; i < kinds.size(); i++) {
        String kind = kinds.get(i);
        double expected = limit + aboveLimit.get(i);
        soon()
            .untilAsserted(() ->
                assertThat(node.value(4, ACCELERATOR_TEMPERATURE_THRESHOLD_CELSIUS, kind))
                    .as(kind)
                    .hasValue(expected));
      }
    }
  }

  @Test
  void theExpectedNumberIsTheConfiguredOneAndTheCountIsTheDrivers() throws IOException {
    soon()
        .until(() ->
            node.value(NODE_ACCELERATORS_EXPECTED).equals(OptionalDouble.of(DEVICES))
                && node.value(NODE_ACCELERATORS).equals(OptionalDouble.of(DEVICES)));
    node.simulated().fault(7, "gone");
    soon().until(() -> node.value(NODE_ACCELERATORS).orElse(0) == DEVICES - 1);
    soon().until(() -> node.value(NODE_ACCELERATORS_EXPECTED).equals(OptionalDouble.of(DEVICES)));
    node.simulated().fault(7, "return");
    soon().until(() -> node.value(NODE_ACCELERATORS).orElse(0) == DEVICES && node.up(7));
  }
}
