package io.millwright.agent.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.health.Event.DeviceError;
import io.millwright.agent.health.Event.Gravity;
import io.millwright.agent.health.Event.Origin;
import io.millwright.agent.health.Event.Place;
import io.millwright.protocol.health.ErrorCode;
import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.InstanceId;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.health.Judgement;
import io.millwright.protocol.vocabulary.health.Subject;
import io.millwright.protocol.vocabulary.health.Verdict;
import io.millwright.protocol.vocabulary.job.RunId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class EngineTest {
  private static final RuleCatalogue RULES = RuleCatalogue.load();
  private static final long SECOND = 1_000_000_000L;
  private static final long START_MS = 1_790_000_000_000L;

  /** One device's readings, each absent until it is set. */
  private static final class Device {
    private final String[] labels;
    private final SeriesTable table;
    private final Readings readings;

    Device(int index) {
      labels = new String[] {"n1", "" + index, "GPU-" + index, "nvidia", "B200"};
      SeriesTable.Builder builder = SeriesTable.builder();
      builder.add(Cadence.FAST, series(Metric.ACCELERATOR_UP));
      builder.add(Cadence.FAST, series(Metric.ACCELERATOR_TEMPERATURE_CELSIUS, "core"));
      builder.add(Cadence.FAST, series(Metric.ACCELERATOR_MEMORY_REMAP_PENDING));
      builder.add(Cadence.FAST, series(Metric.ACCELERATOR_TEMPERATURE_MARGIN_CELSIUS));
      builder.add(Cadence.FAST, series(Metric.ACCELERATOR_ENERGY_JOULES_TOTAL, "gpu"));
      table = builder.build();
      readings = new Readings(table);
    }

    private Series series(Metric metric, String... own) {
      List<String> values = new ArrayList<>(List.of(labels));
      values.addAll(List.of(own));
      return new Series(metric, values, false);
    }

    Device set(int slot, double value) {
      readings.measured(slot, value);
      return this;
    }

    Sample sample() {
      return readings.sample();
    }
  }

  private final Engine engine = new Engine(RULES, "/data/health", Memory.none("boot"), "boot");
  private long tick;

  private Device up(int index) {
    return new Device(index)
        .set(0, 1)
        .set(1, 50)
        .set(2, 0)
        .set(3, 30)
        .set(4, 1000.0 + (double) tick);
  }

  private Observation seen(List<Sample> samples, List<Event> events) {
    tick++;
    return new Observation(
        tick * SECOND,
        START_MS + tick * 1000,
        new NodeSnapshot(tick, tick * SECOND, samples),
        events,
        Map.of("GPU-0", new RunId("job", 1)),
        Set.of(),
        Set.of(),
        "");
  }

  private static DeviceError error(int device, int xid, Origin origin, long atMs) {
    return error(device, Optional.empty(), xid, origin, atMs);
  }

  private static DeviceError error(
      int device, Optional<InstanceId> instance, int xid, Origin origin, long atMs) {
    return new DeviceError(
        new Place.Uuid("GPU-" + device),
        instance,
        ErrorCode.xid(xid),
        origin,
        atMs,
        Gravity.UNSAID,
        "");
  }

  private static Verdict verdict(HealthReport report, int device) {
    return report.judgements().stream()
        .filter(one -> one.subject().equals(new Subject.Device("" + device, "GPU-" + device)))
        .map(Judgement::verdict)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whatIsNotObservedIsUnknownWithItsReason() {
    Device silent = new Device(0);
    silent.readings.unavailable(0, Fault.TIMEOUT);
    HealthReport report = engine.judge(seen(List.of(silent.sample()), List.of()));
    assertThat(verdict(report, 0)).isEqualTo(Verdict.UNKNOWN);
    assertThat(report.judgements().getFirst().evidence()).isNotEmpty();
    assertThat(report.verdict()).isEqualTo(Verdict.UNKNOWN);
  }

  /** It was never heard: it is awaited, then it is not waited for any more; a word ends both. */
  @Test
  void aDeviceThatNeverAnsweredIsAwaitedAndThenToldOf() {
    Device silent = new Device(0);
    silent.readings.unavailable(0, Fault.TIMEOUT);
    for (int i = 0; i < 30; i++) {
      HealthReport report = engine.judge(seen(List.of(silent.sample()), List.of()));
      assertThat(ofDevice(report)).as("second %d", i).containsExactly("device-awaited");
      assertThat(verdict(report, 0)).isEqualTo(Verdict.UNKNOWN);
    }
    HealthReport late = engine.judge(seen(List.of(silent.sample()), List.of()));
    assertThat(ofDevice(late)).containsExactly("device-unanswered", "device-awaited");
    HealthReport heard = engine.judge(seen(List.of(up(0).sample()), List.of()));
    assertThat(ofDevice(heard)).containsExactly("device-unanswered");
    for (int i = 0; i < 10; i++) {
      heard = engine.judge(seen(List.of(up(0).sample()), List.of()));
    }
    assertThat(verdict(heard, 0)).isEqualTo(Verdict.OK);
    HealthReport again = engine.judge(seen(List.of(silent.sample()), List.of()));
    assertThat(ofDevice(again)).as("it answered before").containsExactly("device-silent");
  }

  /** What stood when the agent ended is over once the device answers, and not because it is new. */
  @Test
  void aSilenceThatOutlivesTheAgentIsNotForgottenForBeingAwaited() {
    Device silent = new Device(0);
    silent.readings.unavailable(0, Fault.TIMEOUT);
    engine.judge(seen(List.of(up(0).sample()), List.of()));
    engine.judge(seen(List.of(silent.sample()), List.of()));
    Engine next = new Engine(RULES, "/data/health", engine.memory(0), "boot");
    for (int i = 0; i < 20; i++) {
      HealthReport report = next.judge(seen(List.of(silent.sample()), List.of()));
      assertThat(ofDevice(report)).as("second %d", i).containsExactly("device-silent");
    }
  }

  private static List<String> ofDevice(HealthReport report) {
    return report.judgements().stream()
        .filter(one -> one.subject() instanceof Subject.Device)
        .flatMap(one -> one.evidence().stream())
        .map(Evidence::rule)
        .toList();
  }

  @Test
  void nothingIsJudgedOfWhatIsNotThere() {
    assertThat(engine.judge(seen(List.of(), List.of())).judgements()).isEmpty();
  }

  /** What a driver counts; empty where it is gone, and expected of it where the site says so. */
  private static Sample count(
      String vendor, Optional<Integer> counted, Optional<Integer> expected) {
    SeriesTable.Builder table = SeriesTable.builder();
    table.add(Cadence.FAST, Series.of(Metric.NODE_ACCELERATORS_EXPECTED, "n1", vendor));
    table.add(Cadence.MEDIUM, Series.of(Metric.NODE_ACCELERATORS, "n1", vendor, "a model"));
    Readings readings = new Readings(table.build());
    expected.ifPresent(devices -> readings.measured(0, devices));
    counted.ifPresentOrElse(
        devices -> readings.measured(1, devices), () -> readings.unavailable(1, Fault.NOT_FOUND));
    return readings.sample();
  }

  private static Sample neuron(boolean answers, boolean lost) {
    SeriesTable.Builder table = SeriesTable.builder();
    List<String> labels = List.of("n1", "0", "neuron-1", "aws", "Trainium3");
    table.add(Cadence.FAST, new Series(Metric.ACCELERATOR_UP, labels, false));
    table.add(Cadence.MEDIUM, new Series(Metric.ACCELERATOR_MEMORY_USED_BYTES, labels, false));
    Readings readings = new Readings(table.build());
    readings.measured(0, answers ? 1 : 0);
    if (lost) {
      readings.unavailable(1, Fault.DEVICE_LOST);
    }
    return readings.sample();
  }

  @Test
  void devicesOfOneVendorDoNotStandInForThoseOfAnother() {
    List<Sample> samples =
        List.of(
            count("nvidia", Optional.of(7), Optional.of(8)),
            count("aws", Optional.of(4), Optional.empty()));
    Node node = new NodeReader().read(new NodeSnapshot(1, SECOND, samples));
    assertThat(node.expected()).hasValue(8.0);
    assertThat(node.counted()).isEqualTo(7);
    List<Sample> both =
        List.of(
            count("nvidia", Optional.of(8), Optional.of(8)),
            count("aws", Optional.of(3), Optional.of(4)));
    node = new NodeReader().read(new NodeSnapshot(1, SECOND, both));
    assertThat(node.expected()).hasValue(12.0);
    assertThat(node.counted()).isEqualTo(11);
  }

  @Test
  void aDriverIsGoneForItsOwnDevicesAlone() {
    List<Sample> samples =
        List.of(
            up(0).sample(),
            neuron(false, true),
            count("nvidia", Optional.of(1), Optional.empty()),
            count("aws", Optional.empty(), Optional.empty()));
    Node node = new NodeReader().read(new NodeSnapshot(1, SECOND, samples));
    assertThat(node.driversGone()).containsExactly("aws");
    assertThat(node.driverGone(view(node, "neuron-1"))).isTrue();
    assertThat(node.driverGone(view(node, "GPU-0"))).isFalse();
  }

  /** While its driver is loaded anew nobody counts: a device that was there is not missing. */
  @Test
  void nothingIsMissingWhileTheDriverIsAway() {
    Device away = new Device(0);
    away.readings.unavailable(0, Fault.NOT_FOUND);
    Sample none = count("nvidia", Optional.empty(), Optional.of(1));
    engine.judge(seen(List.of(up(0).sample(), host(), of(1)), List.of()));
    for (int i = 0; i < 120; i++) {
      HealthReport report = engine.judge(seen(List.of(away.sample(), host(), none), List.of()));
      assertThat(rules(report)).doesNotContain("accelerators-missing");
    }
    for (int i = 0; i < 60; i++) {
      engine.judge(seen(List.of(host(), of(0)), List.of()));
    }
    HealthReport report = engine.judge(seen(List.of(host(), of(0)), List.of()));
    assertThat(rules(report)).containsExactly("accelerators-missing");
    report = engine.judge(seen(List.of(away.sample(), host(), none), List.of()));
    assertThat(rules(report)).as("nobody says that it is back").contains("accelerators-missing");
  }

  private static Sample of(int counted) {
    return count("nvidia", Optional.of(counted), Optional.of(1));
  }

  private static Sample host() {
    SeriesTable.Builder table = SeriesTable.builder();
    table.add(Cadence.MEDIUM, Series.of(Metric.NODE_MEMORY_AVAILABLE_BYTES, "n1"));
    Readings readings = new Readings(table.build());
    readings.measured(0, 1e9);
    return readings.sample();
  }

  private static Set<String> rules(HealthReport report) {
    return report.judgements().stream()
        .filter(one -> one.subject() instanceof Subject.Node)
        .flatMap(one -> one.evidence().stream())
        .map(Evidence::rule)
        .collect(Collectors.toSet());
  }

  /** What was not observed is unknown; where nothing is expected, the host is all there is. */
  @Test
  void aNodeWhoseDevicesWereNotSeenYetIsUnknown() {
    Sample none = count("nvidia", Optional.empty(), Optional.of(8));
    HealthReport report = engine.judge(seen(List.of(host(), none), List.of()));
    assertThat(report.verdict()).isEqualTo(Verdict.UNKNOWN);
    report = engine.judge(seen(List.of(host(), none, up(0).sample()), List.of()));
    assertThat(report.verdict()).isEqualTo(Verdict.OK);
    Sample unsaid = count("nvidia", Optional.empty(), Optional.empty());
    assertThat(engine.judge(seen(List.of(host(), unsaid), List.of())).verdict())
        .isEqualTo(Verdict.OK);
    Sample zero = count("nvidia", Optional.empty(), Optional.of(0));
    assertThat(engine.judge(seen(List.of(host(), zero), List.of())).verdict())
        .isEqualTo(Verdict.OK);
  }

  /** It has no temperature to be lost by. */
  @Test
  void aLostNeuronDeviceIsLost() {
    NodeSnapshot snapshot = new NodeSnapshot(1, SECOND, List.of(neuron(false, true)));
    assertThat(view(new NodeReader().read(snapshot), "neuron-1").lost()).isTrue();
    snapshot = new NodeSnapshot(1, SECOND, List.of(neuron(false, false)));
    assertThat(view(new NodeReader().read(snapshot), "neuron-1").lost()).isFalse();
  }

  /** {@code device-lost} would come first by name, and its device was lost for a reason. */
  @Test
  void whatNamesTheCauseStandsBeforeTheSilenceItLeft() {
    Device lost = new Device(0).set(0, 0);
    lost.readings.unavailable(1, Fault.DEVICE_LOST);
    engine.judge(seen(List.of(up(0).sample()), List.of()));
    Event fellOff = error(0, 79, Origin.DRIVER, START_MS);
    HealthReport report = engine.judge(seen(List.of(lost.sample()), List.of(fellOff)));
    for (int i = 0; i < 8; i++) {
      report = engine.judge(seen(List.of(lost.sample()), List.of()));
    }
    assertThat(ofDevice(report)).containsSubsequence("xid-reboot", "device-lost");
  }

  private static DeviceView view(Node node, String uuid) {
    return Optional.ofNullable(node.devices().get(uuid)).orElseThrow();
  }

  /** A MIG instance may come later than its device; it was not silent for that. */
  @Test
  void anInstanceIsAwaitedAnewAfterItsDriver() {
    Device away = new Device(0);
    away.readings.unavailable(0, Fault.NOT_FOUND);
    Sample one = count("nvidia", Optional.of(1), Optional.empty());
    Sample none = count("nvidia", Optional.empty(), Optional.empty());
    engine.judge(seen(List.of(up(0).sample(), part("0:gi1", "MIG-1"), one), List.of()));
    HealthReport silent =
        engine.judge(seen(List.of(up(0).sample(), part("0:gi1", "MIG-1", 0), one), List.of()));
    assertThat(ofDevice(silent)).as("it answered").containsExactly("device-silent");
    for (int i = 0; i < 12; i++) {
      engine.judge(seen(List.of(up(0).sample(), part("0:gi1", "MIG-1"), one), List.of()));
    }
    engine.judge(seen(List.of(away.sample(), part("0:gi1", "MIG-1", 0), none), List.of()));
    HealthReport back =
        engine.judge(seen(List.of(up(0).sample(), part("0:gi1", "MIG-1", 0), one), List.of()));
    assertThat(ofDevice(back)).contains("device-awaited").doesNotContain("device-silent");
  }

  private static Sample part(String index, String uuid) {
    return part(index, uuid, 1);
  }

  private static Sample part(String index, String uuid, int answers) {
    SeriesTable.Builder table = SeriesTable.builder();
    List<String> labels = List.of("n1", index, uuid, "nvidia", "B200 MIG");
    int up = table.add(Cadence.FAST, new Series(Metric.ACCELERATOR_UP, labels, false));
    Readings readings = new Readings(table.build());
    readings.measured(up, answers);
    return readings.sample();
  }

  private static Optional<InstanceId> instance(int gpuInstance) {
    return Optional.of(new InstanceId(gpuInstance, OptionalInt.empty()));
  }

  private static Optional<InstanceId> instance(int gpuInstance, int computeInstance) {
    return Optional.of(new InstanceId(gpuInstance, OptionalInt.of(computeInstance)));
  }

  private Map<String, Long> counts() {
    return engine.memory(0).tallies().stream()
        .collect(Collectors.toMap(Tally::device, Tally::count));
  }

  /** Of the device it is one; the accelerator that the instance is has its own count beside it. */
  @Test
  void anErrorOfAnInstanceIsTheDevicesAndCountedForTheInstance() {
    List<Sample> samples = List.of(up(0).sample(), part("0:gi1", "MIG-1"), part("0:gi2", "MIG-2"));
    engine.judge(seen(samples, List.of()));
    HealthReport report =
        engine.judge(seen(samples, List.of(error(0, instance(1, 0), 94, Origin.DRIVER, START_MS))));
    assertThat(counts()).containsOnly(Map.entry("GPU-0", 1L), Map.entry("MIG-1", 1L));
    assertThat(report.judgements())
        .filteredOn(one -> !one.evidence().isEmpty())
        .singleElement()
        .satisfies(one -> {
          assertThat(one.subject()).isEqualTo(new Subject.Device("0", "GPU-0"));
          assertThat(one.evidence().getFirst().observed()).contains(" in its instance gi1ci0: ");
        });
    engine.judge(seen(samples, List.of(error(0, instance(2), 94, Origin.DRIVER, START_MS + 1))));
    engine.judge(seen(samples, List.of(error(0, 94, Origin.DRIVER, START_MS + 2))));
    assertThat(counts())
        .containsOnly(Map.entry("GPU-0", 3L), Map.entry("MIG-1", 1L), Map.entry("MIG-2", 1L));
  }

  /** One of the sources may say less than the other. */
  @Test
  void whichInstanceItWasMayBeSaidByTheSecondSource() {
    List<Sample> samples =
        List.of(up(0).sample(), part("0:gi1ci0", "MIG-1"), part("0:gi1ci1", "MIG-2"));
    engine.judge(seen(samples, List.of(error(0, 94, Origin.DRIVER, START_MS))));
    assertThat(counts()).containsOnly(Map.entry("GPU-0", 1L));
    engine.judge(
        seen(samples, List.of(error(0, instance(1, 1), 94, Origin.KERNEL_LOG, START_MS + 100))));
    assertThat(counts()).containsOnly(Map.entry("GPU-0", 1L), Map.entry("MIG-2", 1L));
    engine.judge(
        seen(
            samples,
            List.of(
                error(0, instance(1, 0), 13, Origin.DRIVER, START_MS),
                error(0, instance(1, 1), 13, Origin.KERNEL_LOG, START_MS))));
    assertThat(engine.memory(0).tallies())
        .filteredOn(tally -> tally.label().equals("13") && tally.device().equals("GPU-0"))
        .singleElement()
        .extracting(Tally::count)
        .as("two instances, two occurrences")
        .isEqualTo(2L);
  }

  @Test
  void whatWasCountedBeforeARestartIsNotCountedOnceMore() {
    List<Sample> samples = List.of(up(0).sample(), part("0:gi1", "MIG-1"));
    engine.judge(seen(samples, List.of(error(0, instance(1), 94, Origin.DRIVER, START_MS))));
    Engine next = new Engine(RULES, "/data/health", engine.memory(0), "boot");
    next.judge(seen(samples, List.of(error(0, instance(1), 94, Origin.KERNEL_LOG, START_MS + 10))));
    assertThat(next.memory(0).tallies()).hasSize(2).allMatch(tally -> tally.count() == 1);
  }

  /** Several compute instances share a GPU instance: none of them is meant alone. */
  @Test
  void anInstanceThatIsNoAcceleratorCountsForTheDeviceAlone() {
    List<Sample> samples =
        List.of(up(0).sample(), part("0:gi1ci0", "MIG-1"), part("0:gi1ci1", "MIG-2"));
    engine.judge(seen(samples, List.of(error(0, instance(1), 94, Origin.DRIVER, START_MS))));
    assertThat(counts()).containsOnly(Map.entry("GPU-0", 1L));
  }

  /** Whatever comes in whatever order within a tick, the verdicts and counts are the same. */
  @Test
  void orderWithinATickDoesNotMatter() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    List<Optional<InstanceId>> instances =
        List.of(Optional.empty(), instance(1, 0), instance(1), instance(2));
    int[] codes = {13, 31, 45, 48, 63, 64, 79, 94, 119, 145, 149, 4242};
    for (int round = 0; round < 50; round++) {
      Engine straight = new Engine(RULES, "/data", Memory.none("boot"), "boot");
      Engine shuffled = new Engine(RULES, "/data", Memory.none("boot"), "boot");
      for (int i = 0; i < 20; i++) {
        List<Event> events = new ArrayList<>();
        for (int k = random.nextInt(6); k > 0; k--) {
          events.add(
              error(
                  random.nextInt(3),
                  instances.get(random.nextInt(instances.size())),
                  codes[random.nextInt(codes.length)],
                  random.nextBoolean() ? Origin.DRIVER : Origin.KERNEL_LOG,
                  START_MS + tick * 1000 + random.nextInt(3)));
        }
        List<Sample> samples =
            new ArrayList<>(
                List.of(
                    up(0).set(2, random.nextInt(2)).sample(),
                    up(1).set(3, random.nextInt(8)).sample(),
                    up(2).set(0, random.nextInt(2)).sample()));
        Observation now = seen(samples, events);
        List<Event> otherEvents = new ArrayList<>(events);
        Collections.shuffle(otherEvents, random);
        List<Sample> otherSamples = new ArrayList<>(samples);
        Collections.shuffle(otherSamples, random);
        Observation other =
            new Observation(
                now.nanos(),
                now.wallMs(),
                new NodeSnapshot(tick, tick * SECOND, otherSamples),
                otherEvents,
                now.holders(),
                now.failing(),
                now.answered(),
                "");
        assertThat(shuffled.judge(other)).as("seed %d", seed).isEqualTo(straight.judge(now));
        assertThat(shuffled.memory(0)).as("seed %d", seed).isEqualTo(straight.memory(0));
      }
    }
  }

  /** However a reading jumps, what speaks is silent only after it was over for its time. */
  @Test
  void flappingIsBoundedByWhatEndsTheRule() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    int seconds = 3000;
    int changes = 0;
    Verdict before = Verdict.OK;
    for (int i = 0; i < seconds; i++) {
      double margin = random.nextInt(10) < 8 ? 1 : 6;
      HealthReport report = engine.judge(seen(List.of(up(0).set(3, margin).sample()), List.of()));
      Verdict now = verdict(report, 0);
      changes += now == before ? 0 : 1;
      before = now;
    }
    assertThat(changes).as("seed %d", seed).isLessThanOrEqualTo(2 * (seconds / 120) + 1);
  }

  @Test
  void whatDriverAndKernelLogBothTellIsOne() {
    long at = START_MS + 1000;
    engine.judge(seen(List.of(up(0).sample()), List.of(error(0, 31, Origin.DRIVER, at))));
    engine.judge(
        seen(List.of(up(0).sample()), List.of(error(0, 31, Origin.KERNEL_LOG, at + 3000))));
    assertThat(engine.memory(0).tallies()).singleElement().extracting(Tally::count).isEqualTo(1L);
    engine.judge(
        seen(
            List.of(up(0).sample()),
            List.of(
                error(0, 31, Origin.KERNEL_LOG, at + 3001),
                error(0, 31, Origin.DRIVER, at + 3001),
                error(0, 31, Origin.DRIVER, at + 3002))));
    assertThat(engine.memory(0).tallies()).singleElement().extracting(Tally::count).isEqualTo(3L);
    engine.judge(
        seen(List.of(up(0).sample()), List.of(error(0, 31, Origin.KERNEL_LOG, at + 60_000))));
    assertThat(engine.memory(0).tallies()).singleElement().extracting(Tally::count).isEqualTo(4L);
  }

  @Test
  void aLinkThatFailsElsewhereExplainsItsVictim() {
    List<Sample> samples = List.of(up(0).sample(), up(1).sample());
    HealthReport report =
        engine.judge(
            seen(
                samples,
                List.of(
                    error(0, 149, Origin.DRIVER, START_MS),
                    error(1, 145, Origin.DRIVER, START_MS + 40))));
    assertThat(verdict(report, 0)).isEqualTo(Verdict.FAILED);
    assertThat(verdict(report, 1)).isEqualTo(Verdict.OK);
    assertThat(report.judgements().getLast().evidence().getFirst().observed())
        .endsWith("it follows from the Xid 149 of accelerator 0");
  }

  @Test
  void theWordsOfTheLogSayHowGraveALinkErrorIs() {
    HealthReport report =
        engine.judge(
            seen(
                List.of(up(0).sample(), up(1).sample()),
                List.of(
                    new DeviceError(
                        new Place.Uuid("GPU-0"),
                        Optional.empty(),
                        ErrorCode.xid(144),
                        Origin.KERNEL_LOG,
                        START_MS,
                        Gravity.FATAL,
                        ""),
                    new DeviceError(
                        new Place.Uuid("GPU-1"),
                        Optional.empty(),
                        ErrorCode.xid(149),
                        Origin.KERNEL_LOG,
                        START_MS,
                        Gravity.NONFATAL,
                        ""))));
    assertThat(verdict(report, 0)).isEqualTo(Verdict.FAILED);
    assertThat(verdict(report, 1)).isEqualTo(Verdict.DEGRADED);
  }

  @Test
  void energyThatGoesBackIsAReset() {
    engine.judge(
        seen(
            List.of(up(0).set(4, 5000).sample()), List.of(error(0, 119, Origin.DRIVER, START_MS))));
    HealthReport still = engine.judge(seen(List.of(up(0).set(4, 6000).sample()), List.of()));
    assertThat(verdict(still, 0)).isEqualTo(Verdict.FAILED);
    HealthReport after = engine.judge(seen(List.of(up(0).set(4, 10).sample()), List.of()));
    assertThat(verdict(after, 0)).isEqualTo(Verdict.OK);
    assertThat(engine.memory(0).tallies()).singleElement().extracting(Tally::count).isEqualTo(1L);
  }

  /** As of a device that was reset when its driver had just begun to count. */
  @Test
  void energyThatGoesBackToMoreThanItWasAtTheErrorIsAReset() {
    engine.judge(
        seen(List.of(up(0).set(4, 500).sample()), List.of(error(0, 119, Origin.DRIVER, START_MS))));
    engine.judge(seen(List.of(up(0).set(4, 6000).sample()), List.of()));
    HealthReport after = engine.judge(seen(List.of(up(0).set(4, 700).sample()), List.of()));
    assertThat(verdict(after, 0)).isEqualTo(Verdict.OK);
  }

  @Test
  void anErrorToldWithTheFirstReadingAfterAResetStands() {
    engine.judge(seen(List.of(up(0).set(4, 6000).sample()), List.of()));
    HealthReport after =
        engine.judge(
            seen(
                List.of(up(0).set(4, 700).sample()),
                List.of(error(0, 119, Origin.DRIVER, START_MS))));
    assertThat(verdict(after, 0)).isEqualTo(Verdict.FAILED);
    HealthReport later = engine.judge(seen(List.of(up(0).set(4, 900).sample()), List.of()));
    assertThat(verdict(later, 0)).isEqualTo(Verdict.FAILED);
  }

  @Test
  void anotherBootBeginsAnew() {
    engine.judge(seen(List.of(up(0).sample()), List.of(error(0, 119, Origin.DRIVER, START_MS))));
    Memory kept = engine.memory(7);
    Engine same = new Engine(RULES, "/data", kept, "boot");
    assertThat(verdict(same.judge(seen(List.of(up(0).sample()), List.of())), 0))
        .isEqualTo(Verdict.FAILED);
    Engine other = new Engine(RULES, "/data", kept, "next boot");
    assertThat(verdict(other.judge(seen(List.of(up(0).sample()), List.of())), 0))
        .isEqualTo(Verdict.OK);
  }

  @Test
  void anErrorOfADeviceThatWasNotSeenYetIsTheNodesUntilItIs() {
    Event lost =
        new DeviceError(
            new Place.Pci("00000000:1A:00.0"),
            Optional.empty(),
            ErrorCode.xid(79),
            Origin.KERNEL_LOG,
            START_MS,
            Gravity.UNSAID,
            "");
    HealthReport report = engine.judge(seen(List.of(up(0).sample()), List.of(lost)));
    assertThat(report.judgements().getFirst().subject()).isEqualTo(new Subject.Node());
    assertThat(report.judgements().getFirst().evidence().getFirst().observed())
        .contains("0000:1a:00");
    assertThat(verdict(report, 0)).isEqualTo(Verdict.OK);
  }

  private static Sample neuron(String serial) {
    return neuron(serial, 3);
  }

  private static Sample neuron(String serial, int number) {
    SeriesTable.Builder builder = SeriesTable.builder();
    builder.add(
        Cadence.FAST,
        new Series(
            Metric.ACCELERATOR_UP,
            List.of("n1", "" + number, "neuron-" + serial, "aws", "Trainium3"),
            false));
    Readings readings = new Readings(builder.build());
    readings.measured(0, 1);
    return readings.sample();
  }

  private static DeviceError neuronError(String serial, String type) {
    return new DeviceError(
        new Place.Neuron(serial, OptionalInt.of(3)),
        Optional.empty(),
        ErrorCode.neuron(type),
        Origin.KERNEL_LOG,
        START_MS,
        Gravity.UNSAID,
        "nc-id=5");
  }

  private static List<String> observed(HealthReport report, String uuid) {
    return report.judgements().stream()
        .filter(one -> one.subject().equals(new Subject.Device("3", uuid)))
        .flatMap(one -> one.evidence().stream())
        .map(evidence -> evidence.rule() + ": " + evidence.observed())
        .toList();
  }

  @Test
  void anErrorOfANeuronDeviceIsThatOfItsSerialNumber() {
    Sample device = neuron("19fc");
    HealthReport report =
        engine.judge(
            seen(List.of(device), List.of(neuronError("19fc", "HBM_UNCORRECTABLE_ERROR"))));
    assertThat(report.verdict()).isEqualTo(Verdict.FAILED);
    assertThat(observed(report, "neuron-19fc"))
        .singleElement()
        .asString()
        .startsWith("neuron-replace: Neuron error HBM_UNCORRECTABLE_ERROR once, last at")
        .endsWith("(nc-id=5)");
    Engine booted = new Engine(RULES, "/data", engine.memory(7), "next boot");
    assertThat(booted.judge(seen(List.of(device), List.of())).verdict()).isEqualTo(Verdict.OK);
  }

  @Test
  void anErrorOfANeuronDeviceWithoutASerialNumberIsThatOfItsNumber() {
    HealthReport report =
        engine.judge(
            seen(List.of(neuron("19fc")), List.of(neuronError("", "HANG_ON_COLLECTIVES"))));
    assertThat(report.verdict()).isEqualTo(Verdict.OK);
    assertThat(observed(report, "neuron-19fc")).singleElement().asString().contains("-collectives");
  }

  @Test
  void anErrorOfANeuronDeviceThatComesLaterFindsIt() {
    Event early = neuronError("", "A_NEWER_TYPE");
    Sample other = neuron("20aa", 2);
    HealthReport before = engine.judge(seen(List.of(other), List.of(early)));
    assertThat(before.judgements().getFirst().evidence().getFirst().observed())
        .contains("of the device at neuron3, which was not seen yet");
    HealthReport after = engine.judge(seen(List.of(other, neuron("19fc")), List.of()));
    assertThat(observed(after, "neuron-19fc"))
        .singleElement()
        .asString()
        .startsWith("neuron-unknown: ");
  }

  @Test
  void anErrorThatNamesASerialNumberIsNeverThatOfAnotherDeviceOfItsNumber() {
    Event replaced = neuronError("0dead", "DMA_ERROR");
    engine.judge(seen(List.of(neuron("19fc")), List.of(replaced)));
    HealthReport report = engine.judge(seen(List.of(neuron("19fc")), List.of()));
    assertThat(observed(report, "neuron-19fc")).isEmpty();
  }

  /** Anybody can have the kernel print a name of his choosing. */
  @Test
  void aNodeWithoutNeuronDevicesIsNotJudgedByTheirErrors() {
    Event foreign = neuronError("", "DMA_ERROR");
    HealthReport report = engine.judge(seen(List.of(up(0).sample()), List.of(foreign)));
    assertThat(report.verdict()).isEqualTo(Verdict.OK);
  }
}
