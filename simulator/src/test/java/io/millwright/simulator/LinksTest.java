package io.millwright.simulator;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_INTERCONNECT_ERRORS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_INTERCONNECT_RECEIVE_BYTES_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_INTERCONNECT_TRANSMIT_BYTES_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINKS_EXPECTED;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINKS_UP;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINK_BIT_ERROR_RATIO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINK_ERRORS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINK_FEC_CORRECTIONS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINK_LOW_POWER;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINK_RECEIVE_BYTES_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINK_RECOVERIES_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINK_SPEED_BYTES_PER_SECOND;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINK_UP;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PCIE_RECEIVE_BYTES_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PCIE_REPLAYS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PCIE_TRANSMIT_BYTES_TOTAL;
import static io.millwright.simulator.WatchedNode.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Links and the bus: from what breaks in C to what is shown. */
class LinksTest {
  /** More bytes than a link of the simulator has carried by then. */
  private static final long BEYOND = 1L << 45;

  private static final String PEER_CALL = "nvmlDeviceGetNvLinkRemoteDeviceType";
  private static final double FULL = 0x1p32;

  @SuppressWarnings("NullAway.Init") // each test starts its own
  private WatchedNode node;

  private void start(Metric.Tier tier, int devices, String... scenario) throws IOException {
    node =
        WatchedNode.start(WatchedNode.Surroundings.of(tier), WatchedNode.simulated(scenario))
            .awaitUp(devices);
  }

  @AfterEach
  void stop() {
    node.close();
  }

  private void awaitValue(double expected, int device, Metric metric, String... labels) {
    soon()
        .untilAsserted(() ->
            assertThat(node.value(device, metric, labels)).as("%s", metric).hasValue(expected));
  }

  @Test
  void ofTheBaseTierNoSingleLinkIsShownOrAskedAbout() throws IOException {
    start(Metric.Tier.BASE, 8);
    awaitValue(18, 7, ACCELERATOR_LINKS_UP, "nvlink");
    assertThat(families()).allMatch(metric -> metric.tier() == Metric.Tier.BASE);
    assertThat(node.simulated().command("calls")).noneMatch(line -> line.startsWith(PEER_CALL));
  }

  @Test
  void ofTheExtendedTierEachLinkIsShownAndNothingOptional() throws IOException {
    start(Metric.Tier.EXTENDED, 8);
    awaitValue(1, 7, ACCELERATOR_LINK_UP, "17", "nvlink", "switch");
    assertThat(families())
        .contains(ACCELERATOR_LINK_ERRORS_TOTAL, ACCELERATOR_LINK_BIT_ERROR_RATIO)
        .doesNotContain(ACCELERATOR_LINK_FEC_CORRECTIONS_TOTAL);
    assertThat(node.simulated().command("calls")).contains(PEER_CALL + "=" + 8 * 18);
  }

  private Stream<Metric> families() {
    return node.snapshot().samples().stream()
        .flatMap(sample ->
            IntStream.range(0, sample.table().size())
                .mapToObj(i -> sample.table().series(i).metric()))
        .distinct();
  }

  @Test
  void aLinkThatGoesDownIsMissingOnItsDeviceAndOnNoOther() throws IOException {
    start(Metric.Tier.EXTENDED, 8, "load 0.5");
    node.simulated().command("freeze");
    awaitValue(1, 2, ACCELERATOR_LINK_UP, "4", "nvlink");
    node.awaitReadAnew(3, ACCELERATOR_LINKS_UP);
    Map<Series, Double> before = of(3);
    assertThat(before).hasSizeGreaterThan(18 * 19); // all of each link but its raw errors

    node.simulated().fault(2, "link 4 down");
    awaitValue(17, 2, ACCELERATOR_LINKS_UP, "nvlink");
    awaitValue(0, 2, ACCELERATOR_LINK_UP, "4", "nvlink");
    assertThat(node.value(2, ACCELERATOR_LINKS_EXPECTED, "nvlink")).hasValue(18);
    assertThat(node.value(2, ACCELERATOR_LINK_SPEED_BYTES_PER_SECOND, "4", "nvlink")).isEmpty();
    assertThat(node.value(2, ACCELERATOR_LINK_SPEED_BYTES_PER_SECOND, "5", "nvlink"))
        .hasValue(53_125e6);
    node.awaitReadAnew(3, ACCELERATOR_LINKS_UP);
    assertThat(changed(before, of(3))).isEmpty();
    assertThat(node.up(2)).isTrue();

    node.simulated().fault(2, "link 4 sleep");
    awaitValue(18, 2, ACCELERATOR_LINKS_UP, "nvlink");
    node.simulated().fault(2, "link all down");
    awaitValue(0, 2, ACCELERATOR_LINKS_UP, "nvlink");
    node.simulated().fault(2, "link all up");
    awaitValue(18, 2, ACCELERATOR_LINKS_UP, "nvlink");
  }

  private static Set<Series> changed(Map<Series, Double> before, Map<Series, Double> now) {
    return Stream.concat(before.keySet().stream(), now.keySet().stream())
        .filter(series -> !Objects.equals(before.get(series), now.get(series)))
        .collect(Collectors.toSet());
  }

  /** What is measured of a device's links. */
  private Map<Series, Double> of(int device) {
    Map<Series, Double> values = new LinkedHashMap<>();
    for (Sample sample : node.snapshot().samples()) {
      for (int i = 0; i < sample.table().size(); i++) {
        Series series = sample.table().series(i);
        boolean ofLinks = series.metric().familyName().matches(".*_(links?|interconnect)_.*");
        if (ofLinks
            && sample.measured(i)
            && series.labelValues().get(1).equals(Integer.toString(device))) {
          values.put(series, sample.value(i));
        }
      }
    }
    return values;
  }

  @Test
  void aStateThatNobodyKnowsIsNeitherUpNorDown() throws IOException {
    start(Metric.Tier.EXTENDED, 8);
    awaitValue(1, 1, ACCELERATOR_LINK_UP, "0", "nvlink");
    node.simulated().set(1, "link0.state", 3);
    awaitValue(17, 1, ACCELERATOR_LINKS_UP, "nvlink");
    assertThat(node.value(1, ACCELERATOR_LINK_UP, "0", "nvlink")).isEmpty();
    assertThat(node.value(1, ACCELERATOR_LINK_UP, "1", "nvlink")).hasValue(1);
  }

  @ParameterizedTest
  @CsvSource({"b200, 1000", "h100, 1024"}) // NVLink 4 counts KiB
  void bytesOfTheDeviceAreThoseOfItsLinksTogether(String profile, long bytes) throws IOException {
    start(Metric.Tier.BASE, 8, "profile " + profile, "load 0.5");
    node.simulated().command("freeze");
    for (int link = 0; link < 18; link++) {
      node.simulated().set(5, "link" + link + ".receive_bytes", BEYOND + (bytes << link));
      node.simulated().set(5, "link" + link + ".transmit_bytes", BEYOND + ((2 * bytes) << link));
    }
    double sum = bytes * ((1L << 18) - 1);
    awaitValue(18 * BEYOND + sum, 5, ACCELERATOR_INTERCONNECT_RECEIVE_BYTES_TOTAL, "nvlink");
    awaitValue(18 * BEYOND + 2 * sum, 5, ACCELERATOR_INTERCONNECT_TRANSMIT_BYTES_TOTAL, "nvlink");
  }

  /**
   * A counter that was cleared, as by a reset of the link: the other links are not counted twice.
   */
  @Test
  void aLinkThatCountsAnewAddsWhatItCountsSince() throws IOException {
    start(Metric.Tier.BASE, 8);
    node.simulated().command("freeze");
    for (int link = 0; link < 18; link++) {
      node.simulated().set(2, "link" + link + ".receive_bytes", BEYOND);
    }
    awaitValue(18 * BEYOND, 2, ACCELERATOR_INTERCONNECT_RECEIVE_BYTES_TOTAL, "nvlink");
    node.simulated().set(2, "link7.receive_bytes", 4096);
    awaitValue(18 * BEYOND + 4096, 2, ACCELERATOR_INTERCONNECT_RECEIVE_BYTES_TOTAL, "nvlink");
  }

  @Test
  void hopperHasTheErrorsOfItsOwnLinks() throws IOException {
    start(Metric.Tier.OPTIONAL, 8, "profile h100");
    awaitValue(18, 0, ACCELERATOR_LINKS_EXPECTED, "nvlink");
    node.simulated().fault(0, "link 3 errors crc 4");
    node.simulated().fault(0, "link 9 errors crc 2");
    node.simulated().fault(0, "link 9 errors replay 1");
    awaitValue(6, 0, ACCELERATOR_INTERCONNECT_ERRORS_TOTAL, "nvlink", "crc");
    awaitValue(1, 0, ACCELERATOR_INTERCONNECT_ERRORS_TOTAL, "nvlink", "replay");
    awaitValue(2, 0, ACCELERATOR_LINK_ERRORS_TOTAL, "9", "nvlink", "crc");
    node.simulated().command("freeze");
    node.simulated().set(0, "link2.receive_bytes", 2048);
    awaitValue(2048, 0, ACCELERATOR_LINK_RECEIVE_BYTES_TOTAL, "2", "nvlink");
    assertThat(families())
        .doesNotContain(
            ACCELERATOR_LINK_BIT_ERROR_RATIO,
            ACCELERATOR_LINK_RECOVERIES_TOTAL,
            ACCELERATOR_LINK_FEC_CORRECTIONS_TOTAL);
    assertThat(node.measured(ACCELERATOR_INTERCONNECT_ERRORS_TOTAL)).hasSize(3 * 8);
  }

  /** A driver without the fields is asked by the functions it has. */
  @Test
  void olderDriversAreAskedByFunction() throws IOException {
    start(
        Metric.Tier.BASE,
        8,
        "profile h100",
        "missing_field 94",
        "missing_field 161",
        "missing_field 163",
        "missing_field 165",
        "missing_field 197");
    awaitValue(18, 6, ACCELERATOR_LINKS_UP, "nvlink");
    node.simulated().fault(6, "link 1 down");
    node.simulated().fault(6, "link 8 errors crc 3");
    node.simulated().fault(6, "link 8 errors replay 5");
    node.simulated().set(6, "pcie_replays", 7);
    awaitValue(17, 6, ACCELERATOR_LINKS_UP, "nvlink");
    awaitValue(3, 6, ACCELERATOR_INTERCONNECT_ERRORS_TOTAL, "nvlink", "crc");
    awaitValue(5, 6, ACCELERATOR_INTERCONNECT_ERRORS_TOTAL, "nvlink", "replay");
    awaitValue(7, 6, ACCELERATOR_PCIE_REPLAYS_TOTAL);
    assertThat(node.value(6, ACCELERATOR_PCIE_TRANSMIT_BYTES_TOTAL)).isEmpty();
    assertThat(node.value(6, ACCELERATOR_PCIE_RECEIVE_BYTES_TOTAL)).isPresent();
  }

  @Test
  void aFieldThatIsRefusedTakesNoOther() throws IOException {
    start(Metric.Tier.BASE, 8, "missing_field 208", "missing_field 202");
    node.simulated().fault(4, "link 0 errors malformed 9");
    awaitValue(9, 4, ACCELERATOR_INTERCONNECT_ERRORS_TOTAL, "nvlink", "malformed");
    assertThat(node.value(4, ACCELERATOR_INTERCONNECT_ERRORS_TOTAL, "nvlink", "receive")).isEmpty();
    assertThat(node.value(4, ACCELERATOR_INTERCONNECT_TRANSMIT_BYTES_TOTAL, "nvlink")).isEmpty();
    assertThat(node.value(4, ACCELERATOR_INTERCONNECT_RECEIVE_BYTES_TOTAL, "nvlink")).isPresent();
  }

  @Test
  void aGraceModuleHasLinksToItsProcessor() throws IOException {
    start(Metric.Tier.EXTENDED, 4, "profile gb200");
    awaitValue(10, 3, ACCELERATOR_LINKS_UP, "c2c");
    awaitValue(18, 3, ACCELERATOR_LINKS_UP, "nvlink");
    awaitValue(1, 3, ACCELERATOR_LINK_UP, "9", "c2c", "cpu");
    awaitValue(44_712e6, 3, ACCELERATOR_LINK_SPEED_BYTES_PER_SECOND, "9", "c2c");
    node.simulated().fault(3, "link c2 down");
    node.simulated().fault(3, "link c5 errors replay 3");
    awaitValue(9, 3, ACCELERATOR_LINKS_UP, "c2c");
    awaitValue(3, 3, ACCELERATOR_INTERCONNECT_ERRORS_TOTAL, "c2c", "replay");
    awaitValue(3, 3, ACCELERATOR_LINK_ERRORS_TOTAL, "5", "c2c", "replay");
    node.simulated().set(3, "c2c5.replay_back_to_back", 2);
    awaitValue(2, 3, ACCELERATOR_LINK_ERRORS_TOTAL, "5", "c2c", "replay_back_to_back");
    assertThat(node.measured(ACCELERATOR_INTERCONNECT_ERRORS_TOTAL)) // they are among the replays
        .noneMatch(series -> series.labelValues().contains("replay_back_to_back"));
    assertThat(node.value(3, ACCELERATOR_LINKS_UP, "nvlink")).hasValue(18);
    assertThat(node.value(3, ACCELERATOR_LINKS_EXPECTED, "c2c")).isEmpty();
  }

  @Test
  void aLinkToTheProcessorMayRest() throws IOException {
    start(Metric.Tier.OPTIONAL, 4, "profile gb200");
    awaitValue(0, 2, ACCELERATOR_LINK_LOW_POWER, "7", "c2c");
    node.simulated().set(2, "c2c7.power_state", 1);
    awaitValue(1, 2, ACCELERATOR_LINK_LOW_POWER, "7", "c2c");
    assertThat(node.value(2, ACCELERATOR_LINK_LOW_POWER, "6", "c2c")).hasValue(0);
    assertThat(node.value(1, ACCELERATOR_LINK_LOW_POWER, "7", "c2c")).hasValue(0);
  }

  /**
   * As many links as the silicon has are no expectation: a driver that counts less changes nothing.
   */
  @Test
  void whatIsExpectedIsOfTheProductAndNotOfTheDriver() throws IOException {
    start(Metric.Tier.BASE, 8, "set all nvlink_count 16");
    awaitValue(16, 0, ACCELERATOR_LINKS_UP, "nvlink");
    awaitValue(18, 0, ACCELERATOR_LINKS_EXPECTED, "nvlink");
  }

  @Test
  void linksThatTheDriverCouldNotTellAtFirstAreAskedForAgain() throws IOException {
    start(Metric.Tier.EXTENDED, 8, "fault 3 code nvmlDeviceGetFieldValues 27");
    awaitValue(18, 3, ACCELERATOR_LINKS_EXPECTED, "nvlink");
    assertThat(node.value(3, ACCELERATOR_LINKS_UP, "nvlink")).isEmpty();
    node.simulated().fault(3, "code nvmlDeviceGetFieldValues 0");
    awaitValue(18, 3, ACCELERATOR_LINKS_UP, "nvlink");
    awaitValue(1, 3, ACCELERATOR_LINK_UP, "11", "nvlink", "switch");
  }

  @Test
  void bytesOfTheBusGoOnWhereTheirCounterWraps() throws IOException {
    start(Metric.Tier.BASE, 8, "load 0.5");
    node.simulated().command("freeze");
    node.simulated().set(0, "pcie_receive_bytes", (long) FULL - 100);
    soon().until(() -> received() % FULL == FULL - 100);
    double before = received();
    node.simulated().set(0, "pcie_receive_bytes", (long) FULL + 900);
    awaitValue(before + 1000, 0, ACCELERATOR_PCIE_RECEIVE_BYTES_TOTAL);
    node.simulated().set(0, "pcie_receive_bytes", 2 * (long) FULL + 5);
    awaitValue(before + 1000 + FULL - 895, 0, ACCELERATOR_PCIE_RECEIVE_BYTES_TOTAL);
  }

  private double received() {
    return node.value(0, ACCELERATOR_PCIE_RECEIVE_BYTES_TOTAL).orElse(Double.NaN);
  }
}
