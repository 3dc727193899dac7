package io.millwright.simulator;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ECC_ERRORS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ECC_LIFETIME_ERRORS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ENGINE_ACTIVE_RATIO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ERROR_EVENTS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_INFO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_BANDWIDTH_UTILIZATION_RATIO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_FREE_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_REMAPPED_ROWS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_SIZE_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_USED_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PARTITION_MODE_ENABLED;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_POWER_WATTS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PROCESSES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_TEMPERATURE_CELSIUS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_UP;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_UTILIZATION_RATIO;
import static io.millwright.protocol.vocabulary.Metric.NODE_ACCELERATORS;
import static io.millwright.simulator.WatchedNode.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.health.Judgement;
import io.millwright.protocol.vocabulary.health.Subject;
import io.millwright.protocol.vocabulary.health.Verdict;
import io.millwright.simulator.WatchedNode.Surroundings;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** MIG instances, from the driver's calls to the snapshot. */
class InstancesTest {
  private static final double MIB = 1 << 20;

  @SuppressWarnings("NullAway.Init") // each test starts its own
  private WatchedNode node;

  @AfterEach
  void stop() {
    node.close();
  }

  @Test
  void eachInstanceIsAnAcceleratorOfItsOwn() throws IOException {
    node =
        WatchedNode.start(
            Surroundings.of(Metric.Tier.EXTENDED),
            WatchedNode.simulated(
                "devices 2",
                "load 0.25",
                "set 1 mig_mode 1",
                "mig 1 create 3g.90gb 0",
                "mig 1 create 1g.23gb 6"));
    awaitUp("0", "1", "1:gi1", "1:gi13");
    assertThat(model("1:gi1")).isEqualTo("NVIDIA B200 MIG 3g.90gb");
    assertThat(model("1")).isEqualTo("NVIDIA B200");
    assertThat(uuids().get("1:gi1")).startsWith("MIG-").isNotEqualTo(uuids().get("1:gi13"));
    node.simulated().set(1, "gi1.load", 0.75);
    node.simulated().command("process 1 add 4711 1073741824 gi13");
    soon()
        .untilAsserted(() -> {
          assertThat(value("1:gi1", ACCELERATOR_UTILIZATION_RATIO).orElse(-1))
              .isCloseTo(0.75, within(1e-5));
          assertThat(value("1:gi1", ACCELERATOR_ENGINE_ACTIVE_RATIO, "tensor").orElse(-1))
              .isCloseTo(0.75 * 0.55, within(1e-5));
          assertThat(value("1:gi1", ACCELERATOR_MEMORY_BANDWIDTH_UTILIZATION_RATIO).orElse(-1))
              .isCloseTo(0.75 * 0.6, within(1e-5));
          assertThat(value("1:gi13", ACCELERATOR_UTILIZATION_RATIO).orElse(-1))
              .isCloseTo(0.25, within(1e-5));
          assertThat(value("1:gi13", ACCELERATOR_PROCESSES)).hasValue(1);
          assertThat(value("1:gi1", ACCELERATOR_PROCESSES)).hasValue(0);
          assertThat(value("1", ACCELERATOR_PROCESSES)).hasValue(1);
        });
    assertThat(value("1:gi1", ACCELERATOR_MEMORY_SIZE_BYTES)).hasValue(91136 * MIB);
    assertThat(value("1:gi13", ACCELERATOR_MEMORY_USED_BYTES)).hasValue(1024 * MIB);
    assertThat(value("1:gi13", ACCELERATOR_MEMORY_FREE_BYTES)).hasValue((22528 - 1024 - 176) * MIB);
    assertThat(value("1:gi1", ACCELERATOR_POWER_WATTS, "gpu")).isEmpty();
    assertThat(value("1:gi1", ACCELERATOR_TEMPERATURE_CELSIUS, "core")).isEmpty();
    assertThat(value(NODE_ACCELERATORS)).containsExactly(2.0);
    assertThat(value("0", ACCELERATOR_PARTITION_MODE_ENABLED)).hasValue(0);
    assertThat(value("1", ACCELERATOR_PARTITION_MODE_ENABLED)).hasValue(1);
  }

  /** What a divided device refuses is absent, and nothing else of it. */
  @Test
  void aDividedDeviceKeepsAllThatItAnswers() throws IOException {
    node = WatchedNode.start("devices 2", "load 0.5").awaitUp(2);
    soon().until(() -> value("1", ACCELERATOR_UTILIZATION_RATIO).orElse(0) == 0.5);
    assertThat(value("1", ACCELERATOR_MEMORY_REMAPPED_ROWS, "correctable")).isPresent();
    assertThat(value("1", ACCELERATOR_PARTITION_MODE_ENABLED)).isEmpty(); // not of tier base
    node.simulated().set(1, "mig_mode", 1);
    node.simulated().command("mig 1 create 7g.180gb");
    awaitUp("0", "1", "1:gi0");
    soon()
        .untilAsserted(() -> {
          assertThat(value("1", ACCELERATOR_UTILIZATION_RATIO)).isEmpty();
          assertThat(value("1", ACCELERATOR_MEMORY_REMAPPED_ROWS, "correctable")).isEmpty();
          assertThat(value("1:gi0", ACCELERATOR_UTILIZATION_RATIO)).hasValue(0.5);
          assertThat(value("1", ACCELERATOR_PARTITION_MODE_ENABLED)).hasValue(1); // on every tier
        });
    assertThat(value("1", ACCELERATOR_POWER_WATTS, "gpu")).isPresent();
    assertThat(value("1", ACCELERATOR_TEMPERATURE_CELSIUS, "core")).isPresent();
    assertThat(value("1", ACCELERATOR_ENGINE_ACTIVE_RATIO, "sm")).isPresent();
    assertThat(value("1", ACCELERATOR_MEMORY_BANDWIDTH_UTILIZATION_RATIO)).isPresent();
    assertThat(value("0", ACCELERATOR_UTILIZATION_RATIO)).hasValue(0.5);

    node.simulated().set(1, "mig_mode", 0);
    soon()
        .untilAsserted(() -> {
          assertThat(uuids()).containsOnlyKeys("0", "1");
          assertThat(value("1", ACCELERATOR_UTILIZATION_RATIO)).hasValue(0.5);
          assertThat(value("1", ACCELERATOR_MEMORY_REMAPPED_ROWS, "correctable")).isPresent();
        });
  }

  @Test
  void instancesComeAndGoWhileTheAgentRuns() throws IOException {
    node = WatchedNode.start("devices 2", "load 0.5", "set 0 mig_mode 1").awaitUp(2);
    for (int start = 0; start < 3; start++) {
      node.simulated().command("mig 0 create 1g.23gb " + start);
    }
    awaitUp("0", "0:gi7", "0:gi8", "0:gi9", "1");
    Map<String, String> before = uuids();
    node.simulated().command("mig 0 destroy 8"); // leaves a hole in the numbers of the devices
    soon().untilAsserted(() -> assertThat(uuids()).containsOnlyKeys("0", "0:gi7", "0:gi9", "1"));
    node.simulated().set(0, "gi9.memory_used", 4_000_000);
    soon().until(() -> value("0:gi9", ACCELERATOR_MEMORY_USED_BYTES).orElse(0) == 4e6);
    assertThat(uuids().get("0:gi9")).isEqualTo(before.get("0:gi9"));
    node.simulated().command("mig 0 create 1g.23gb 1");
    soon().untilAsserted(() -> assertThat(uuids()).isEqualTo(before));
    node.simulated().command("mig 0 destroy all");
    soon().untilAsserted(() -> assertThat(uuids()).containsOnlyKeys("0", "1"));
    assertThat(node.up(0)).isTrue();
  }

  /** At the slow cadence the layout is looked at, whether or not the driver told of a change. */
  @Test
  void aChangeIsSeenWithoutAnyEvent() throws IOException {
    node =
        WatchedNode.start(
                "devices 1",
                "set 0 mig_mode 1",
                "fault 0 code nvmlDeviceRegisterEvents 3",
                "mig 0 create 2g.45gb 0")
            .awaitUp(1);
    awaitUp("0", "0:gi3");
    node.simulated().command("mig 0 create 2g.45gb 2");
    awaitUp("0", "0:gi3", "0:gi4");
    node.simulated().command("mig 0 destroy 3");
    soon().untilAsserted(() -> assertThat(uuids()).containsOnlyKeys("0", "0:gi4"));
  }

  /** What was counted since the load is told by instances, and only in part. */
  @Test
  void uncorrectableErrorsOutsideOfTheMemoryAreTheInstances() throws IOException {
    node =
        WatchedNode.start(
            "devices 1",
            "load 0.5",
            "set 0 mig_mode 1",
            "fault 0 ecc uncorrected 2",
            "mig 0 create 3g.90gb 0",
            "mig 0 create 3g.90gb 4");
    awaitUp("0", "0:gi1", "0:gi2");
    node.simulated().set(0, "gi2.sram_uncorrected", 3);
    soon()
        .until(() ->
            value("0:gi2", ACCELERATOR_ECC_ERRORS_TOTAL, "sram", "uncorrected").orElse(0) == 3);
    assertThat(value("0:gi1", ACCELERATOR_ECC_ERRORS_TOTAL, "sram", "uncorrected")).hasValue(0);
    assertThat(value("0:gi1", ACCELERATOR_ECC_ERRORS_TOTAL, "dram", "uncorrected")).isEmpty();
    assertThat(value("0", ACCELERATOR_ECC_ERRORS_TOTAL, "dram", "uncorrected")).isEmpty();
    assertThat(value("0", ACCELERATOR_ECC_LIFETIME_ERRORS_TOTAL, "dram", "uncorrected"))
        .hasValue(2);
  }

  /** A driver may give the handle of an instance that is gone to the next one. */
  @Test
  void anotherInstanceUnderTheSameHandleIsSeenWithoutAnyEvent() throws IOException {
    node =
        WatchedNode.start(
                "devices 1",
                "set 0 mig_mode 1",
                "mig 0 handles reused",
                "fault 0 code nvmlDeviceRegisterEvents 3",
                "mig 0 create 1g.23gb 0")
            .awaitUp(1);
    awaitUp("0", "0:gi7");
    String before = uuids().getOrDefault("0:gi7", "");
    node.simulated().command("mig 0 destroy 7");
    node.simulated().command("mig 0 create 1g.23gb 1");
    awaitUp("0", "0:gi8");
    assertThat(uuids().get("0:gi8")).isNotEqualTo(before);
  }

  /** All of it is many calls, so it is not asked for at each medium round for ever. */
  @Test
  void aDivisionThatDoesNotSettleIsAskedForNoMoreOftenThanTheRest() throws IOException {
    node =
        WatchedNode.start(
                "devices 1",
                "set 0 mig_mode 1",
                "mig 0 create 1g.23gb 0",
                "fault 0 code nvmlDeviceGetComputeInstanceId 999")
            .awaitUp(1);
    soon().until(() -> calls("nvmlDeviceRegisterEvents") == 1 && calls("nvmlDeviceGetEccMode") > 5);
    node.simulated().command("calls reset");
    soon().until(() -> calls("nvmlDeviceGetEccMode") >= 12); // one each slow round
    assertThat(calls("nvmlDeviceGetComputeInstanceId"))
        .isBetween(1L, calls("nvmlDeviceGetEccMode") + 2);
    node.simulated().fault(0, "code nvmlDeviceGetComputeInstanceId 0");
    awaitUp("0", "0:gi7");
  }

  private long calls(String function) throws IOException {
    return node.simulated().command("calls").stream()
        .filter(line -> line.startsWith(function + "="))
        .mapToLong(line -> Long.parseLong(line.substring(function.length() + 1)))
        .sum();
  }

  /** What the driver has not said is not taken for whole: on every tier, until it says it. */
  @Test
  void whetherADeviceIsDividedIsUntoldUntilItsDriverSaysSo() throws IOException {
    node = WatchedNode.start("devices 2", "fault 1 code nvmlDeviceGetMigMode 999").awaitUp(2);
    assertThat(modeUntold()).containsExactly("1");
    node.simulated().fault(1, "code nvmlDeviceGetMigMode 0");
    soon().untilAsserted(() -> assertThat(modeUntold()).isEmpty());
    assertThat(value("1", ACCELERATOR_PARTITION_MODE_ENABLED)).isEmpty(); // not of tier base
  }

  private List<String> modeUntold() {
    return node.snapshot().samples().stream()
        .flatMap(sample ->
            IntStream.range(0, sample.table().size())
                .filter(i ->
                    sample.table().series(i).metric() == ACCELERATOR_PARTITION_MODE_ENABLED
                        && sample.reading(i) instanceof Reading.Unavailable)
                .mapToObj(i -> sample.table().series(i).labelValues().get(1)))
        .toList();
  }

  /** Their counters are those of the GPU instance that they share, and so nobody's own. */
  @Test
  void computeInstancesOfOneGpuInstanceAreToldApart() throws IOException {
    node =
        WatchedNode.start(
            "profile h100",
            "devices 1",
            "load 0.5",
            "set 0 mig_mode 1",
            "mig 0 create 3g.40gb 4 1c 1c",
            "mig 0 create 1g.10gb 0");
    awaitUp("0", "0:gi2ci0", "0:gi2ci1", "0:gi7");
    assertThat(model("0:gi2ci1")).isEqualTo("NVIDIA H100 80GB HBM3 MIG 1c.3g.40gb");
    soon().until(() -> value("0:gi2ci1", ACCELERATOR_MEMORY_SIZE_BYTES).orElse(0) > 0);
    soon().until(() -> value("0:gi7", ACCELERATOR_UTILIZATION_RATIO).orElse(0) > 0);
    node.awaitReadAnew(
        0, ACCELERATOR_PROCESSES); // they had as long to be measured as their neighbour
    for (String shared : List.of("0:gi2ci0", "0:gi2ci1")) {
      assertThat(value(shared, ACCELERATOR_UTILIZATION_RATIO)).as(shared).isEmpty();
      assertThat(value(shared, ACCELERATOR_ENGINE_ACTIVE_RATIO, "sm")).as(shared).isEmpty();
      assertThat(value(shared, ACCELERATOR_ECC_ERRORS_TOTAL, "sram", "uncorrected"))
          .as(shared)
          .isEmpty();
      assertThat(value(shared, ACCELERATOR_MEMORY_SIZE_BYTES)).as(shared).isPresent();
    }
    assertThat(value("0:gi7", ACCELERATOR_ECC_ERRORS_TOTAL, "sram", "uncorrected")).hasValue(0);
    assertThat(value("0:gi7", ACCELERATOR_ENGINE_ACTIVE_RATIO, "sm")).isPresent();
    node.simulated().command("process 0 add 9 4096 gi2ci1");
    soon()
        .untilAsserted(() -> {
          assertThat(value("0:gi2ci1", ACCELERATOR_PROCESSES)).hasValue(1);
          assertThat(value("0:gi2ci0", ACCELERATOR_PROCESSES)).hasValue(0);
        });
  }

  @Test
  void aReloadOfTheDriverTakesTheInstancesAway() throws IOException {
    node =
        WatchedNode.start("profile gb200", "set all mig_mode 1", "mig all create 1g.23gb 0")
            .awaitUp(4);
    awaitUp("0", "0:gi7", "1", "1:gi7", "2", "2:gi7", "3", "3:gi7");
    node.simulated().command("driver unload");
    soon().untilAsserted(() -> assertThat(up()).isEmpty());
    assertThat(value("2:gi7", ACCELERATOR_UTILIZATION_RATIO)).isEmpty();
    node.simulated().command("driver load");
    awaitUp("0", "1", "2", "3");
    assertThat(uuids()).containsOnlyKeys("0", "1", "2", "3");
  }

  /** What happens to the device is told once, of the device; nothing is known of its instances. */
  @Test
  void aLostDeviceTakesItsInstancesAlongAndSpeaksForThem() throws IOException {
    node =
        WatchedNode.start(
            "devices 2", "set 1 mig_mode 1", "mig 1 create 3g.90gb 0", "mig 1 create 3g.90gb 4");
    awaitUp("0", "1", "1:gi1", "1:gi2");
    soon().untilAsserted(() -> assertThat(verdict("1:gi1").verdict()).isEqualTo(Verdict.OK));
    node.simulated().fault(1, "lost");
    soon()
        .untilAsserted(() -> {
          assertThat(up()).containsOnly("0");
          assertThat(verdict("1").verdict()).isEqualTo(Verdict.FAILED);
          assertThat(verdict("1:gi1").verdict()).isEqualTo(Verdict.UNKNOWN);
          assertThat(verdict("1:gi1").evidence()).isEmpty();
        });
    node.simulated().fault(1, "reset");
    awaitUp("0", "1");
    soon().untilAsserted(() -> assertThat(uuids()).containsOnlyKeys("0", "1"));
  }

  /** One that does not answer takes nothing from its device and from its neighbours. */
  @Test
  void whatAnInstanceIsRefusedIsRefusedToNobodyElse() throws IOException {
    node = WatchedNode.start("devices 1", "load 0.5", "set 0 mig_mode 1", "mig 0 create 1g.23gb 0");
    awaitUp("0", "0:gi7");
    node.simulated().fault(0, "code nvmlGpmMigSampleGet 999");
    soon()
        .untilAsserted(() -> {
          assertThat(value("0:gi7", ACCELERATOR_UTILIZATION_RATIO)).isEmpty();
          assertThat(value("0:gi7", ACCELERATOR_MEMORY_SIZE_BYTES)).isPresent();
          assertThat(value("0", ACCELERATOR_ENGINE_ACTIVE_RATIO, "sm")).isPresent();
        });
    node.simulated().fault(0, "code nvmlGpmMigSampleGet 0");
    soon().until(() -> value("0:gi7", ACCELERATOR_UTILIZATION_RATIO).isPresent());
  }

  /** Older libraries know no counters of instances, and some no MIG at all. */
  @ParameterizedTest
  @CsvSource({
    "missing nvmlGpmMigSampleGet, true",
    "missing nvmlDeviceGetMigMode, false",
    "missing nvmlDeviceGetMaxMigDeviceCount, false",
    "missing nvmlDeviceGetMigDeviceHandleByIndex, false",
    "missing nvmlDeviceGetGpuInstanceId, false",
  })
  void whatTheLibraryLacksIsAbsent(String scenario, boolean known) throws IOException {
    node =
        WatchedNode.start(
                "devices 1", "load 0.5", scenario, "set 0 mig_mode 1", "mig 0 create 1g.23gb 0")
            .awaitUp(1);
    soon().until(() -> value("0", ACCELERATOR_MEMORY_SIZE_BYTES).isPresent());
    if (known) {
      awaitUp("0", "0:gi7");
    }
    node.awaitReadAnew(0, ACCELERATOR_PROCESSES);
    assertThat(uuids().containsKey("0:gi7")).isEqualTo(known);
    assertThat(value("0:gi7", ACCELERATOR_UTILIZATION_RATIO)).isEmpty();
  }

  @Test
  void aProductThatCannotBeDividedSaysNothingOfIt() throws IOException {
    node =
        WatchedNode.start(
                Surroundings.of(Metric.Tier.EXTENDED),
                WatchedNode.simulated("profile l40s", "set 0 mig_mode 1"))
            .awaitUp(4);
    assertThat(value("0", ACCELERATOR_PARTITION_MODE_ENABLED)).isEmpty();
    assertThat(value("0", ACCELERATOR_UTILIZATION_RATIO)).isPresent();
  }

  /** It is one for the device, in whose verdict it stands, and one for the instance. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anXidOfAnInstanceIsToldOfTheDeviceAndCountedForBoth(boolean kernelLog) throws IOException {
    SimulatedNode simulated =
        WatchedNode.simulated(
            "devices 2",
            "load 0.5",
            "set 1 mig_mode 1",
            "mig 1 create 3g.90gb 0",
            "mig 1 create 1g.23gb 6");
    node = WatchedNode.start(kernelLog ? watching(simulated) : Surroundings.none(), simulated);
    awaitUp("0", "1", "1:gi1", "1:gi13");
    soon().until(() -> simulated.command("calls").contains("nvmlDeviceRegisterEvents=2"));
    simulated.fault(1, "xid 94 gi1ci0");
    soon().until(() -> events("1", "94") == 1);
    assertThat(verdict("1").evidence())
        .filteredOn(one -> one.observed().startsWith("Xid 94 "))
        .singleElement()
        .satisfies(one -> assertThat(one.observed()).contains(" in its instance gi1ci0: "));
    assertThat(verdict("1:gi1").evidence()).isEmpty();
    simulated.fault(1, "xid 13 gi13");
    simulated.fault(1, "xid 43");
    soon().until(() -> events("1", "13") == 1 && events("1", "43") == 1);
    simulated.fault(0, "xid 31"); // the last: nothing of the others is under way any more
    soon().until(() -> events("0", "31") == 1);
    assertThat(List.of(events("1", "94"), events("1", "13"), events("1", "43"))).containsOnly(1.0);
    assertThat(List.of(events("1:gi1", "94"), events("1:gi13", "13"))).containsOnly(1.0);
    assertThat(List.of(events("1:gi1", "13"), events("1:gi13", "94"), events("1:gi1", "43")))
        .containsOnly(Double.NaN);
  }

  private static Surroundings watching(SimulatedNode simulated) {
    Surroundings none = Surroundings.none();
    return new Surroundings(
        none.clock(),
        none.bootId(),
        Optional.of(simulated.kernelLog()),
        none.state(),
        none.holders(),
        none.probes(),
        none.tier());
  }

  private double events(String index, String code) {
    return values(series ->
            series.metric() == ACCELERATOR_ERROR_EVENTS_TOTAL
                && is(series, index)
                && series.labelValues().contains(code))
        .values()
        .stream()
        .findFirst()
        .orElse(Double.NaN);
  }

  // ---- the snapshot by the index as it stands in the label

  private void awaitUp(String... indexes) {
    soon().untilAsserted(() -> assertThat(up()).containsExactlyInAnyOrder(indexes));
  }

  private List<String> up() {
    return values(series -> series.metric() == ACCELERATOR_UP).entrySet().stream()
        .filter(entry -> entry.getValue() == 1)
        .map(entry -> entry.getKey().labelValues().get(1))
        .toList();
  }

  private Map<String, String> uuids() {
    return values(series -> series.metric() == ACCELERATOR_UP).keySet().stream()
        .map(Series::labelValues)
        .collect(Collectors.toMap(labels -> labels.get(1), labels -> labels.get(2)));
  }

  private String model(String index) {
    return values(series -> series.metric() == ACCELERATOR_INFO && is(series, index))
        .keySet()
        .stream()
        .map(series -> series.labelValues().get(4))
        .collect(Collectors.joining());
  }

  private OptionalDouble value(String index, Metric metric, String... own) {
    return values(series ->
            series.metric() == metric
                && is(series, index)
                && series
                    .labelValues()
                    .subList(5, series.labelValues().size())
                    .equals(List.of(own)))
        .values()
        .stream()
        .mapToDouble(value -> value)
        .findFirst();
  }

  private List<Double> value(Metric ofNode) {
    return List.copyOf(values(series -> series.metric() == ofNode).values());
  }

  private static boolean is(Series series, String index) {
    return series.labelValues().get(1).equals(index);
  }

  private Map<Series, Double> values(Predicate<Series> wanted) {
    Map<Series, Double> values = new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));
    for (Sample sample : node.snapshot().samples()) {
      for (int i = 0; i < sample.table().size(); i++) {
        if (sample.measured(i) && wanted.test(sample.table().series(i))) {
          values.put(sample.table().series(i), sample.value(i));
        }
      }
    }
    return values;
  }

  private Judgement verdict(String index) {
    return node.health().judgements().stream()
        .filter(one ->
            one.subject() instanceof Subject.Device(String of, String uuid) && of.equals(index))
        .findFirst()
        .orElseThrow();
  }
}
