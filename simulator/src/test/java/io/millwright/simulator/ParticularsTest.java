package io.millwright.simulator;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_AFFINITY_INFO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ENERGY_JOULES_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_FABRIC_INFO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_FABRIC_STATE;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_FAN_SPEED_RATIO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_FIRMWARE_INFO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_UNREPAIRABLE;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PCIE_TRANSMIT_BYTES_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PERFORMANCE_STATE;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_REPAIR_PENDING;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_SLOT_INFO;
import static io.millwright.simulator.WatchedNode.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What a device says of itself for sites that see further: its place, domain, firmware, fans. */
class ParticularsTest {
  private static final String COMPLETED = "completed";

  private static WatchedNode node(Metric.Tier tier, String... scenario) throws IOException {
    return WatchedNode.start(WatchedNode.Surroundings.of(tier), WatchedNode.simulated(scenario));
  }

  private static List<String> own(Series series) {
    return series.labelValues().subList(5, series.labelValues().size());
  }

  private static Set<List<String>> shown(WatchedNode node, Metric metric) {
    return node.measured(metric).map(ParticularsTest::own).collect(Collectors.toSet());
  }

  @Test
  void aTrayKnowsItsPlaceInTheRack() throws IOException {
    try (WatchedNode node =
        node(Metric.Tier.EXTENDED, "profile gb200", "devices 2", "seed 5", "tray 12", "domain 7")
            .awaitUp(2)) {
      soon().until(() -> shown(node, ACCELERATOR_SLOT_INFO).size() == 2);
      Set<List<String>> places = shown(node, ACCELERATOR_SLOT_INFO);
      assertThat(places)
          .allSatisfy(place -> {
            assertThat(place.get(0)).matches("18[0-9]{11}");
            assertThat(place.subList(1, 4)).containsExactly("21", "12", "1");
          });
      assertThat(places.stream().map(place -> place.get(4))).containsExactlyInAnyOrder("1", "2");
    }
  }

  /** The first version of the struct has a GUID where the second has the chassis' serial number. */
  @Test
  void anOlderDriverKnowsThePlaceButNotTheChassis() throws IOException {
    try (WatchedNode node =
        node(
                Metric.Tier.EXTENDED,
                "profile gb200",
                "devices 1",
                "tray 3",
                "driver_version 570.86.16")
            .awaitUp(1)) {
      soon()
          .untilAsserted(() ->
              assertThat(shown(node, ACCELERATOR_SLOT_INFO))
                  .containsExactly(List.of("", "3", "3", "1", "1", "1")));
    }
  }

  /** What was refused may be there later: after a reset, or with another firmware. */
  @Test
  void thePlaceInTheRackIsAskedForAgain() throws IOException {
    try (WatchedNode node =
        node(
                Metric.Tier.EXTENDED,
                "profile gb200",
                "devices 1",
                "tray 3",
                "fault 0 code nvmlDeviceGetPlatformInfo 3")
            .awaitUp(1)) {
      soon()
          .untilAsserted(() ->
              assertThat(shown(node, ACCELERATOR_SLOT_INFO))
                  .containsExactly(List.of("", "", "", "", "1", "")));
      node.simulated().fault(0, "code nvmlDeviceGetPlatformInfo 0");
      node.simulated().fault(0, "xid 31"); // something happened to the device
      soon()
          .untilAsserted(() ->
              assertThat(shown(node, ACCELERATOR_SLOT_INFO))
                  .allSatisfy(place -> assertThat(place.get(2)).isEqualTo("3")));
    }
  }

  /** Before Blackwell there is no platform to ask; the number on the baseboard is all there is. */
  @Test
  void aHopperKnowsItsPlaceOnTheBaseboard() throws IOException {
    try (WatchedNode node = node(Metric.Tier.EXTENDED, "profile h200", "devices 4").awaitUp(4)) {
      soon()
          .untilAsserted(() ->
              assertThat(node.measured(ACCELERATOR_SLOT_INFO).map(Series::labelValues))
                  .extracting(labels -> labels.get(1) + " " + labels.subList(5, 11))
                  .containsExactlyInAnyOrder(
                      "0 [, , , , 1, ]", "1 [, , , , 2, ]", "2 [, , , , 3, ]", "3 [, , , , 4, ]"));
    }
  }

  @Test
  void theDomainIsThatOfNowEvenIfItChanges() throws IOException {
    try (WatchedNode node =
        node(Metric.Tier.EXTENDED, "profile gb200", "devices 2", "domain 7").awaitUp(2)) {
      soon().until(() -> node.measured(ACCELERATOR_FABRIC_INFO).count() == 2);
      Set<List<String>> before = shown(node, ACCELERATOR_FABRIC_INFO);
      assertThat(before).hasSize(1);
      List<String> domain = before.iterator().next();
      node.simulated().set(1, "pcie_counter_bits", 10); // wraps all the time: only a sum goes on
      soon().until(() -> energyIsShown(node, 1) && sent(node) > 5000);
      double sentBefore = sent(node);
      assertThat(domain.get(0))
          .matches("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
      assertThat(domain.get(1)).isEqualTo("1");
      node.simulated().set(1, "fabric_clique", 9);
      soon()
          .untilAsserted(() ->
              assertThat(node.measured(ACCELERATOR_FABRIC_INFO).map(Series::labelValues))
                  .extracting(labels -> labels.get(1) + " " + labels.get(6))
                  .containsExactlyInAnyOrder("0 1", "1 9"));
      assertThat(energyIsShown(node, 1)).as("which takes seconds to establish anew").isTrue();
      assertThat(sent(node)).isGreaterThanOrEqualTo(sentBefore);
      assertThat(shown(node, ACCELERATOR_FABRIC_INFO))
          .extracting(List::getFirst)
          .containsOnly(domain.get(0));
      assertThat(node.up(1)).isTrue();
      node.simulated().set(1, "fabric_state", 1);
      soon()
          .untilAsserted(() ->
              assertThat(node.measured(ACCELERATOR_FABRIC_INFO).map(Series::labelValues))
                  .extracting(labels -> labels.get(1))
                  .containsExactly("0"));
      assertThat(node.value(1, ACCELERATOR_FABRIC_STATE, COMPLETED)).hasValue(0);
    }
  }

  @Test
  void firmwareIsToldByComponent() throws IOException {
    try (WatchedNode node = node(Metric.Tier.EXTENDED, "devices 1").awaitUp(1)) {
      soon()
          .untilAsserted(() ->
              assertThat(shown(node, ACCELERATOR_FIRMWARE_INFO))
                  .containsExactlyInAnyOrder(
                      List.of("vbios", "97.00.88.00.0F"),
                      List.of("gsp", "580.82.07"),
                      List.of("inforom_image", "G525.0220.00.01"),
                      List.of("inforom_oem", "2.1"),
                      List.of("inforom_ecc", "7.16"),
                      List.of("nvlink_mse", "40.8.130"),
                      List.of("nvlink_netir", "40.8.130"),
                      List.of("nvlink_netir_uphy", "2.11.4"),
                      List.of("nvlink_netir_cln", "1.3.7"),
                      List.of("nvlink_netir_dln", "1.3.9"),
                      List.of("nvlink_unknown(77)", "9.9.9")));
    }
  }

  @Test
  void theNearestProcessorsAndMemoryAreSetsInTheKernelsForm() throws IOException {
    try (WatchedNode node = node(Metric.Tier.EXTENDED, "devices 4").awaitUp(4)) {
      soon()
          .untilAsserted(() ->
              assertThat(node.measured(ACCELERATOR_AFFINITY_INFO).map(Series::labelValues))
                  .extracting(labels -> labels.get(1) + " " + labels.get(5) + " " + labels.get(6))
                  .containsExactlyInAnyOrder(
                      "0 0-55,112-167 0",
                      "1 0-55,112-167 0",
                      "2 56-111,168-223 1",
                      "3 56-111,168-223 1"));
    }
  }

  @Test
  void fansAreReadWhereABoardHasThem() throws IOException {
    try (WatchedNode node = node(Metric.Tier.OPTIONAL, "profile l40s", "devices 2").awaitUp(2)) {
      node.simulated().set(1, "fan_speed_percent", 77);
      soon()
          .untilAsserted(
              () -> assertThat(node.value(1, ACCELERATOR_FAN_SPEED_RATIO, "0")).hasValue(0.77));
      soon().until(() -> node.value(0, ACCELERATOR_FAN_SPEED_RATIO, "0").orElse(1) < 0.77);
      assertThat(shown(node, ACCELERATOR_SLOT_INFO)).isEmpty();
    }
  }

  /** What could not be said at the opening is asked for until it is. */
  @Test
  void whatWasRefusedForAMomentIsAskedAgain() throws IOException {
    try (WatchedNode node =
        node(
                Metric.Tier.EXTENDED,
                "devices 1",
                "fault 0 code nvmlDeviceGetPlatformInfo 10",
                "fault 0 code nvmlDeviceGetInforomImageVersion 999")
            .awaitUp(1)) {
      soon().until(() -> shown(node, ACCELERATOR_FIRMWARE_INFO).size() == 10);
      assertThat(shown(node, ACCELERATOR_SLOT_INFO)).isEmpty();
      node.simulated().command("fault 0 code nvmlDeviceGetPlatformInfo 0");
      node.simulated().command("fault 0 code nvmlDeviceGetInforomImageVersion 0");
      soon()
          .untilAsserted(() -> {
            assertThat(shown(node, ACCELERATOR_SLOT_INFO)).hasSize(1);
            assertThat(shown(node, ACCELERATOR_FIRMWARE_INFO)).hasSize(11);
          });
    }
  }

  /** A failure that stays is no reason to ask for ever, and keeps nothing else from being told. */
  @Test
  void whatFailsForEverIsNotAskedForEver() throws IOException {
    try (WatchedNode node =
        node(
                Metric.Tier.EXTENDED,
                "devices 1",
                "profile gb200",
                "fault 0 code nvmlDeviceGetGspFirmwareVersion 14")
            .awaitUp(1)) {
      soon().until(() -> shown(node, ACCELERATOR_FIRMWARE_INFO).size() == 10);
      node.simulated().set(0, "fabric_clique", 3);
      soon()
          .until(() ->
              node.measured(ACCELERATOR_FABRIC_INFO)
                  .allMatch(series -> own(series).get(1).equals("3")));
      soon().until(() -> calls(node, "nvmlDeviceGetGspFirmwareVersion") >= 10);
      long rounds = calls(node, "nvmlDeviceGetEccMode");
      soon().until(() -> calls(node, "nvmlDeviceGetEccMode") > rounds + 5);
      assertThat(calls(node, "nvmlDeviceGetGspFirmwareVersion")).isEqualTo(10);
    }
  }

  /** A node of its own has a registration without a name, which is no domain. */
  @Test
  void aClusterWithoutANameIsNoDomain() throws IOException {
    try (WatchedNode node = node(Metric.Tier.EXTENDED, "devices 2").awaitUp(2)) {
      soon().until(() -> node.value(1, ACCELERATOR_FABRIC_STATE, COMPLETED).orElse(0) == 1);
      soon().until(() -> !shown(node, ACCELERATOR_FIRMWARE_INFO).isEmpty());
      assertThat(node.measured(ACCELERATOR_FABRIC_INFO)).isEmpty();
    }
  }

  private static long calls(WatchedNode node, String function) throws IOException {
    return node.simulated().command("calls").stream()
        .filter(line -> line.startsWith(function + "="))
        .mapToLong(line -> Long.parseLong(line.substring(line.indexOf('=') + 1)))
        .sum();
  }

  private static boolean energyIsShown(WatchedNode node, int device) {
    return node.measured(ACCELERATOR_ENERGY_JOULES_TOTAL)
        .anyMatch(series -> series.labelValues().get(1).equals(Integer.toString(device)));
  }

  private static double sent(WatchedNode node) {
    return node.value(1, ACCELERATOR_PCIE_TRANSMIT_BYTES_TOTAL).orElse(0);
  }

  /** What the driver itself calls unknown is no reading. */
  @Test
  void aStateThatNobodyKnowsIsNone() throws IOException {
    try (WatchedNode node = node(Metric.Tier.EXTENDED, "devices 2").awaitUp(2)) {
      soon().until(() -> node.value(1, ACCELERATOR_PERFORMANCE_STATE).isPresent());
      node.simulated().set(1, "performance_state", 32);
      soon().until(() -> node.value(1, ACCELERATOR_PERFORMANCE_STATE).isEmpty());
      assertThat(node.value(0, ACCELERATOR_PERFORMANCE_STATE)).hasValue(0);
    }
  }

  /** Nothing is shown for it, and all else is there. */
  @Test
  void anOldDriverLacksWhatCameLater() throws IOException {
    try (WatchedNode node = node(Metric.Tier.OPTIONAL, "profile old-535").awaitUp(8)) {
      soon().until(() -> node.value(7, ACCELERATOR_PERFORMANCE_STATE).isPresent());
      assertThat(node.measured(ACCELERATOR_REPAIR_PENDING)).isEmpty();
      assertThat(node.measured(ACCELERATOR_MEMORY_UNREPAIRABLE)).isEmpty();
      soon()
          .untilAsserted(() ->
              assertThat(shown(node, ACCELERATOR_FIRMWARE_INFO))
                  .contains(List.of("gsp", "535.261.03"))
                  .noneMatch(firmware -> firmware.getFirst().startsWith("nvlink")));
    }
  }

  /** Nothing else of all this is asked for where the site does not see that far. */
  @Test
  void theBaseTierAsksWhereADeviceIsAndForNothingElseOfIt() throws IOException {
    try (WatchedNode node =
        node(Metric.Tier.BASE, "profile gb200", "devices 1", "domain 7").awaitUp(1)) {
      soon().until(() -> node.value(0, ACCELERATOR_FABRIC_STATE, COMPLETED).isPresent());
      soon().until(() -> node.measured(ACCELERATOR_AFFINITY_INFO).count() == 1);
      soon().until(() -> node.measured(ACCELERATOR_SLOT_INFO).count() == 1);
      soon().until(() -> node.measured(ACCELERATOR_FABRIC_INFO).count() == 1);
      assertThat(node.measured(ACCELERATOR_FIRMWARE_INFO)).isEmpty();
      assertThat(node.simulated().command("calls"))
          .noneMatch(line ->
              line.matches(
                  "nvml(Device|System)Get(GspFirmwareVersion|InforomVersion|NumFans|FanSpeed_v2"
                      + "|PerformanceState|ComputeMode|PersistenceMode|BAR1MemoryInfo|Repair.*"
                      + "|RowRemapper.*|EncoderUtilization|NvLinkInfo"
                      + "|ConfCompute.*|DramEncryptionMode|Accounting.*|Topology.*|P2PStatus"
                      + "|AddressingMode|C2cModeInfoV|NvlinkBwMode)=[1-9].*"));
    }
  }
}
