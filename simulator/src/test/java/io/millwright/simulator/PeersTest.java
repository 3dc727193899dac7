package io.millwright.simulator;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ECC_MODE_ENABLED;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PEER_INFO;
import static io.millwright.simulator.WatchedNode.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.nvml.NvmlDevice;
import io.millwright.drivers.nvml.NvmlDriver;
import io.millwright.drivers.nvml.binding.NvmlLibrary;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Sample;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The way from each device to each other one, asked for when devices come and go. */
class PeersTest {
  private static final String ANCESTOR = "nvmlDeviceGetTopologyCommonAncestor";

  private static final String LOOKUP = "nvmlDeviceGetHandleByUUID";

  private static WatchedNode node(Metric.Tier tier, String... scenario) throws IOException {
    return WatchedNode.start(WatchedNode.Surroundings.of(tier), WatchedNode.simulated(scenario));
  }

  /** Path and state of NVLink, by the slots of both ends. */
  private static Map<String, String> ways(WatchedNode node, int devices) throws IOException {
    Map<String, Integer> slots = new TreeMap<>();
    for (int slot = 0; slot < devices; slot++) {
      slots.put(node.simulated().get(slot).getOrDefault("uuid", ""), slot);
    }
    Map<String, String> ways = new TreeMap<>();
    node.measured(ACCELERATOR_PEER_INFO)
        .map(series -> series.labelValues())
        .forEach(labels ->
            ways.put(
                slots.get(labels.get(2)) + "-" + slots.get(labels.get(5)),
                labels.get(6) + " " + labels.get(7)));
    return ways;
  }

  private static long calls(WatchedNode node, String function) throws IOException {
    return node.simulated().command("calls").stream()
        .filter(line -> line.startsWith(function + "="))
        .mapToLong(line -> Long.parseLong(line.substring(line.indexOf('=') + 1)))
        .sum();
  }

  @Test
  void eachDeviceKnowsItsWayToEachOther() throws IOException {
    try (WatchedNode node = node(Metric.Tier.OPTIONAL, "devices 4").awaitUp(4)) {
      soon()
          .untilAsserted(() ->
              assertThat(ways(node, 4))
                  .hasSize(12)
                  .containsEntry("0-1", "node ok")
                  .containsEntry("1-0", "node ok")
                  .containsEntry("0-2", "system ok")
                  .containsEntry("3-2", "node ok"));
      assertThat(node.up(3)).isTrue();
    }
  }

  /** Three calls a peer and no more, however often the devices are read. */
  @Test
  void aPeerIsAskedAboutOnce() throws IOException {
    try (WatchedNode node = node(Metric.Tier.OPTIONAL, "devices 4").awaitUp(4)) {
      soon().untilAsserted(() -> assertThat(ways(node, 4)).hasSize(12));
      for (int round = 0; round < 3; round++) {
        node.awaitReadAnew(3, ACCELERATOR_ECC_MODE_ENABLED);
      }
      assertThat(calls(node, ANCESTOR)).isEqualTo(12);
      assertThat(calls(node, "nvmlDeviceGetP2PStatus")).isEqualTo(12);
    }
  }

  @Test
  void onePeerThatComesAndGoesIsAskedAboutAnew() throws IOException {
    try (WatchedNode node = node(Metric.Tier.OPTIONAL, "devices 4").awaitUp(4)) {
      soon().untilAsserted(() -> assertThat(ways(node, 4)).hasSize(12));
      node.simulated().fault(2, "gone");
      soon() // what it has said of itself stays, as its identity does
          .untilAsserted(() ->
              assertThat(ways(node, 4).keySet())
                  .contains("0-1", "0-3", "1-0", "1-3", "3-0", "3-1")
                  .noneMatch(ends -> ends.endsWith("-2")));
      assertThat(calls(node, ANCESTOR)).isEqualTo(12);
      node.simulated().set(2, "p2p_nvlink_status", 4);
      node.simulated().set(0, "topology_level", 77);
      node.simulated().fault(2, "return");
      soon()
          .untilAsserted(() ->
              assertThat(ways(node, 4))
                  .hasSize(12)
                  .containsEntry("0-2", "unknown(77) disabled_by_regkey")
                  .containsEntry("2-0", "system disabled_by_regkey")
                  .containsEntry("3-2", "node disabled_by_regkey")
                  .containsEntry("0-1", "node ok"));
    }
  }

  /**
   * A pair that is refused for now is asked about again, and one that is refused for good is not.
   */
  @Test
  void whatOneQuestionSaysIsShownWhileTheOtherFails() throws IOException {
    try (WatchedNode node =
        node(
                Metric.Tier.OPTIONAL,
                "devices 4",
                "fault 1 code " + ANCESTOR + " 10",
                "fault 2 code " + ANCESTOR + " 3")
            .awaitUp(4)) {
      soon()
          .untilAsserted(() ->
              assertThat(ways(node, 4))
                  .containsEntry("2-3", " ok")
                  .containsEntry("3-1", "system ok")
                  .containsEntry("3-2", "node ok")
                  .containsEntry("1-0", " ok"));
      assertThat(List.of(node.up(0), node.up(1), node.up(2), node.up(3))).containsOnly(true);
      node.simulated().fault(1, "code " + ANCESTOR + " 0");
      node.simulated().fault(1, "xid 31"); // something happened to the device
      soon().untilAsserted(() -> assertThat(ways(node, 4)).containsEntry("1-0", "node ok"));
    }
  }

  /** What is known of the peer stays, and so does the device. */
  @Test
  void aPeersFaultIsNotTheDevices() throws IOException {
    try (WatchedNode node = node(Metric.Tier.OPTIONAL, "devices 4").awaitUp(4)) {
      soon().untilAsserted(() -> assertThat(ways(node, 4)).hasSize(12));
      node.simulated().fault(1, "code " + LOOKUP + " 15");
      long before = calls(node, LOOKUP);
      node.simulated().fault(0, "xid 31"); // something happened to the device
      soon().until(() -> calls(node, LOOKUP) >= before + 5); // two others, and this one thrice
      for (int device = 0; device < 4; device++) {
        node.awaitReadAnew(device, ACCELERATOR_ECC_MODE_ENABLED);
        assertThat(node.up(device)).isTrue();
      }
      assertThat(ways(node, 4)).hasSize(12).containsEntry("0-1", "node ok");
      node.simulated().set(0, "topology_level", 10);
      node.simulated().fault(1, "code " + LOOKUP + " 0");
      soon()
          .untilAsserted(() -> assertThat(ways(node, 4)).containsEntry("0-1", "single_switch ok"));
    }
  }

  /** Something may have been done to it that changes the way to every other one. */
  @Test
  void aDeviceToWhichSomethingHappenedAsksForAllAnew() throws IOException {
    try (WatchedNode node =
        node(Metric.Tier.OPTIONAL, "devices 2", "fault 0 code nvmlDeviceGetP2PStatus 3")
            .awaitUp(2)) {
      soon()
          .untilAsserted(() ->
              assertThat(ways(node, 2))
                  .containsOnly(Map.entry("0-1", "system "), Map.entry("1-0", "system ok")));
      node.simulated().fault(0, "code nvmlDeviceGetP2PStatus 0");
      node.simulated().set(0, "topology_level", 30);
      node.simulated().fault(0, "xid 31");
      soon()
          .untilAsserted(() ->
              assertThat(ways(node, 2))
                  .containsOnly(Map.entry("0-1", "host_bridge ok"), Map.entry("1-0", "system ok")));
    }
  }

  /** Between two rounds of the device: only the peer's opening tells that it is another one. */
  @Test
  void aPeerThatWasResetBetweenTwoRoundsIsAskedAboutAnew() throws IOException {
    SimulatedNode simulated =
        WatchedNode.simulated("devices 2", "fault 0 code nvmlDeviceGetP2PStatus 3");
    NvmlDriver driver = driver(simulated);
    try (NvmlDevice device = open(driver, 0)) {
      try (NvmlDevice peer = open(driver, 1)) {
        slow(peer, 1);
        slow(device, 1);
        assertThat(ways(device)).containsExactly("system ");
        simulated.fault(1, "reset");
        simulated.fault(0, "code nvmlDeviceGetP2PStatus 0");
        simulated.set(0, "topology_level", 20);
      }
      try (NvmlDevice again = open(driver, 1)) {
        slow(again, 2);
        slow(device, 2);
        assertThat(ways(device)).containsExactly("multiple_switches ok");
      }
      slow(device, 3);
      assertThat(ways(device)).isEmpty();
    } finally {
      driver.detach(CallWatch.NONE);
    }
  }

  private static void slow(NvmlDevice device, int second) {
    device.read(Cadence.SLOW, Duration.ofSeconds(second).toNanos());
  }

  private static List<String> ways(NvmlDevice device) {
    Sample sample = device.readings().sample();
    return IntStream.range(0, sample.table().size())
        .mapToObj(i -> sample.table().series(i))
        .filter(series -> series.metric() == ACCELERATOR_PEER_INFO)
        .map(series -> series.labelValues().get(6) + " " + series.labelValues().get(7))
        .toList();
  }

  private static NvmlDriver driver(SimulatedNode simulated) {
    if (NvmlLibrary.open(simulated.library().toString())
        instanceof NvmlLibrary.Result.Opened(NvmlLibrary library)) {
      NvmlDriver driver = new NvmlDriver(library, "node1", Metric.Tier.OPTIONAL);
      if (driver.attach(CallWatch.NONE) instanceof NvmlDriver.Attached.Ready) {
        return driver;
      }
    }
    throw new AssertionError("the simulated driver refused");
  }

  private static NvmlDevice open(NvmlDriver driver, int index) {
    String uuid = driver.uuidAt(index, CallWatch.NONE).orElseThrow();
    if (driver.open(uuid, "580.82.07", CallWatch.NONE)
        instanceof NvmlDriver.Opened.Device(NvmlDevice opened)) {
      return opened;
    }
    throw new AssertionError("the simulated device refused");
  }

  @Test
  void whatIsNoPeerByNvlinkSaysSo() throws IOException {
    try (WatchedNode node = node(Metric.Tier.OPTIONAL, "profile l40s", "devices 2").awaitUp(2)) {
      soon()
          .untilAsserted(() ->
              assertThat(ways(node, 2))
                  .containsExactlyInAnyOrderEntriesOf(
                      Map.of("0-1", "system not_supported", "1-0", "system not_supported")));
    }
  }

  @Test
  void theExtendedTierAsksForNothingOfIt() throws IOException {
    try (WatchedNode node = node(Metric.Tier.EXTENDED, "devices 2").awaitUp(2)) {
      node.awaitReadAnew(1, ACCELERATOR_ECC_MODE_ENABLED);
      assertThat(calls(node, ANCESTOR)).isZero();
      assertThat(node.measured(ACCELERATOR_PEER_INFO)).isEmpty();
    }
  }
}
