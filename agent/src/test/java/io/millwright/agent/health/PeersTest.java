package io.millwright.agent.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.Judgement;
import io.millwright.protocol.vocabulary.health.Subject;
import io.millwright.protocol.vocabulary.job.RunId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Devices of one node held against one another, through the engine, by the rules of the package.
 */
class PeersTest {
  private static final RuleCatalogue RULES = RuleCatalogue.load();
  private static final long SECOND = 1_000_000_000L;
  private static final int DEVICES = 8;
  private static final int MINUTES = 60;
  private static final double CLOCK = 1.755e9;

  private final Engine engine = new Engine(RULES, "/data", Memory.none("boot"), "boot");
  private final List<Device> devices = new ArrayList<>();
  private final Map<String, RunId> holders = new HashMap<>();
  private long second;

  PeersTest() {
    for (int i = 0; i < DEVICES; i++) {
      devices.add(new Device(i, "NVIDIA H100 80GB HBM3"));
      holders.put("GPU-" + i, new RunId("train", 1));
    }
  }

  private static final class Device {
    private final Readings readings;
    private double clock = CLOCK;
    private double utilization = 0.95;
    private double memory = 80e9;
    private double limited;
    private double divided;

    Device(int index, String model) {
      List<String> labels = List.of("n1", "" + index, "GPU-" + index, "nvidia", model);
      SeriesTable.Builder table = SeriesTable.builder();
      add(table, Metric.ACCELERATOR_UP, labels);
      add(table, Metric.ACCELERATOR_CLOCK_HERTZ, labels, "sm");
      add(table, Metric.ACCELERATOR_UTILIZATION_RATIO, labels);
      add(table, Metric.ACCELERATOR_MEMORY_SIZE_BYTES, labels);
      add(table, Metric.ACCELERATOR_THROTTLE_ACTIVE, labels, "sw_power_cap");
      add(table, Metric.ACCELERATOR_PARTITION_MODE_ENABLED, labels);
      readings = new Readings(table.build());
    }

    private static void add(
        SeriesTable.Builder table, Metric metric, List<String> labels, String... own) {
      List<String> all = new ArrayList<>(labels);
      all.addAll(List.of(own));
      table.add(Cadence.FAST, new Series(metric, all, false));
    }

    Sample sample() {
      double[] figures = {1, clock, utilization, memory, limited, divided};
      for (int i = 0; i < figures.length; i++) {
        readings.measured(i, figures[i]);
      }
      return readings.sample();
    }
  }

  /** Devices of which this rule speaks after so many seconds. */
  private Set<String> speaking(String rule, int seconds) {
    Set<String> speaking = new TreeSet<>();
    for (int i = 0; i < seconds; i++) {
      second++;
      speaking.clear();
      List<Sample> samples = devices.stream().map(Device::sample).toList();
      Observation now =
          new Observation(
              second * SECOND,
              second * 1000,
              new NodeSnapshot(second, second * SECOND, samples),
              List.of(),
              holders,
              Set.of(),
              Set.of(),
              "");
      for (Judgement one : engine.judge(now).judgements()) {
        if (one.subject() instanceof Subject.Device(String index, String uuid)
            && one.evidence().stream().map(Evidence::rule).anyMatch(rule::equals)) {
          speaking.add(index);
        }
      }
    }
    return speaking;
  }

  private void each(Consumer<Device> what, int... which) {
    Arrays.stream(which).mapToObj(devices::get).forEach(what);
  }

  private Set<String> stragglers(int seconds) {
    return speaking("straggler", seconds);
  }

  @Test
  void oneThatIsThreePercentSlowerIsSeenAfterFiveMinutesAndEndsWhenItIsNot() {
    each(device -> device.clock = 0.969 * CLOCK, 6);
    assertThat(stragglers(5 * MINUTES)).isEmpty();
    assertThat(stragglers(2)).containsExactly("6");
    each(device -> device.clock = 0.975 * CLOCK, 6); // between what begins and what ends it
    assertThat(stragglers(20 * MINUTES)).containsExactly("6");
    each(device -> device.clock = CLOCK, 6);
    assertThat(stragglers(5 * MINUTES)).containsExactly("6");
    assertThat(stragglers(4 * MINUTES)).isEmpty();
  }

  @Test
  void whatDevicesOfOneProductDifferByIsNothing() {
    each(device -> device.clock = 0.971 * CLOCK, 6);
    assertThat(stragglers(20 * MINUTES)).isEmpty();
  }

  /** A dip now and then, shorter than half of the time, is no slow device. */
  @Test
  void whatIsSlowForAMomentIsNot() {
    for (int i = 0; i < 20; i++) {
      each(device -> device.clock = 0.8 * CLOCK, 6);
      assertThat(stragglers(20)).isEmpty();
      each(device -> device.clock = CLOCK, 6);
      assertThat(stragglers(40)).isEmpty();
    }
  }

  @Test
  void whereSomethingLimitsTheClocksOfAnyNothingIsSaid() {
    each(device -> device.clock = 0.9 * CLOCK, 6);
    for (int i = 0; i < 10; i++) { // now and then is enough
      each(device -> device.limited = 1, 2);
      assertThat(stragglers(2)).isEmpty();
      each(device -> device.limited = 0, 2);
      assertThat(stragglers(4 * MINUTES)).isEmpty();
    }
  }

  @Test
  void anIdlePeerAnUnequalLoadAndARampSayNothing() {
    each(device -> device.clock = 0.9 * CLOCK, 6);
    each(device -> device.utilization = 0.2, 3);
    assertThat(stragglers(10 * MINUTES)).isEmpty();
    each(device -> device.utilization = 0.84, 3);
    assertThat(stragglers(10 * MINUTES)).doesNotContain("3");
    each(device -> device.utilization = 0.6, 6); // less to do
    engine.judge(nothing());
    assertThat(stragglers(10 * MINUTES)).isEmpty();
  }

  /** Time goes on without a look at any device. */
  private Observation nothing() {
    second += 600;
    return new Observation(
        second * SECOND,
        second * 1000,
        new NodeSnapshot(second, second * SECOND, List.of()),
        List.of(),
        Map.of(),
        Set.of(),
        Set.of(),
        "");
  }

  @Test
  void devicesOfOtherJobsOrOfNoneAreNoPeers() {
    each(device -> device.clock = 0.9 * CLOCK, 4, 5, 6, 7);
    for (int i = 4; i < DEVICES; i++) {
      holders.put("GPU-" + i, new RunId("infer", 1));
    }
    assertThat(stragglers(10 * MINUTES)).isEmpty();
    each(device -> device.clock = 0.5 * CLOCK, 6);
    holders.clear();
    assertThat(stragglers(10 * MINUTES)).isEmpty();
  }

  /** Two kinds of work in one job: nobody says which clock is right. */
  @Test
  void peersThatDoNotAgreeSayNothing() {
    each(device -> device.clock = 0.8 * CLOCK, 4, 5, 6, 7);
    assertThat(stragglers(10 * MINUTES)).isEmpty();
  }

  @Test
  void threePeersAreNeededAndTwoAreTooFew() {
    devices.subList(4, DEVICES).clear();
    each(device -> device.clock = 0.9 * CLOCK, 1);
    assertThat(stragglers(6 * MINUTES)).containsExactly("1");
    each(device -> device.clock = CLOCK, 1);
    assertThat(stragglers(12 * MINUTES)).isEmpty();
    devices.removeLast();
    each(device -> device.clock = 0.9 * CLOCK, 1);
    assertThat(stragglers(12 * MINUTES)).isEmpty();
  }

  @Test
  void aDividedDeviceAndOneOfAnotherModelAreNoPeers() {
    each(device -> device.clock = 0.9 * CLOCK, 6);
    each(device -> device.divided = 1, 6);
    assertThat(stragglers(10 * MINUTES)).isEmpty();
    devices.set(6, new Device(6, "NVIDIA H200"));
    each(device -> device.clock = 0.9 * CLOCK, 6);
    assertThat(stragglers(10 * MINUTES)).isEmpty();
  }

  @Test
  void lessMemoryThanTheOthersIsSeenWhoeverUsesThem() {
    holders.clear();
    each(device -> device.memory = 0.91 * 80e9, 3);
    assertThat(speaking("memory-less", 5 * MINUTES)).isEmpty();
    each(device -> device.memory = 0.89 * 80e9, 3);
    assertThat(speaking("memory-less", 2 * MINUTES)).containsExactly("3");
    each(device -> device.memory = 80e9, 3);
    assertThat(speaking("memory-less", 4 * MINUTES)).isEmpty();
  }
}
