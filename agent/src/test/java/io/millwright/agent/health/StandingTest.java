package io.millwright.agent.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is said outlives a start of the agent, until it is seen to be over or the node boots. */
class StandingTest {
  private static final RuleCatalogue RULES = RuleCatalogue.load();
  private static final long SECOND = 1_000_000_000L;

  private Engine engine = new Engine(RULES, "/data", Memory.none("boot"), "boot");
  private Set<String> failing = Set.of();
  private Set<String> answered = Set.of();
  private HealthReport report = new HealthReport(0, List.of());
  private long second;

  private static final class Table {
    private final List<Series> series = new ArrayList<>();
    private final List<OptionalDouble> values = new ArrayList<>();

    Table with(double value, Metric metric, String... labels) {
      series.add(Series.of(metric, labels));
      values.add(OptionalDouble.of(value));
      return this;
    }

    Table unread(Metric metric, String... labels) {
      with(0, metric, labels);
      values.set(values.size() - 1, OptionalDouble.empty());
      return this;
    }

    Sample sample() {
      SeriesTable.Builder table = SeriesTable.builder();
      series.forEach(one -> table.add(Cadence.FAST, one));
      Readings readings = new Readings(table.build());
      for (int i = 0; i < values.size(); i++) {
        if (values.get(i).isPresent()) {
          readings.measured(i, values.get(i).getAsDouble());
        } else {
          readings.unavailable(i, Fault.TIMEOUT);
        }
      }
      return readings.sample();
    }
  }

  private static Table host() {
    return new Table().with(1e9, Metric.NODE_MEMORY_AVAILABLE_BYTES, "n1");
  }

  private static Table lost(double value) {
    return host().with(value, Metric.NODE_RDMA_DEVICE_LOST, "n1", "mlx5_0");
  }

  private static Table port(double up) {
    return host().with(up, Metric.NODE_RDMA_PORT_UP, "n1", "mlx5_0", "1");
  }

  /** What is said of the node after it stood so for so many seconds. */
  private List<String> after(int seconds, Table table) {
    Sample sample = table.sample();
    List<String> said = new ArrayList<>();
    for (int i = 0; i < seconds; i++) {
      said = said(List.of(sample));
    }
    return said;
  }

  private List<String> said(List<Sample> samples) {
    second++;
    return node(samples).evidence().stream().map(Evidence::rule).toList();
  }

  private Judgement node(List<Sample> samples) {
    Observation now =
        new Observation(
            second * SECOND,
            second * 1000,
            new NodeSnapshot(second, second * SECOND, samples),
            List.of(),
            Map.of(),
            failing,
            answered,
            "");
    report = engine.judge(now);
    return report.judgements().stream()
        .filter(one -> one.subject() instanceof Subject.Node)
        .findFirst()
        .orElse(new Judgement(new Subject.Node(), Verdict.UNKNOWN, List.of()));
  }

  private void restart(String bootId) {
    engine = new Engine(RULES, "/data", engine.memory(0), bootId);
    answered = Set.of();
  }

  /** What was said of the device at the last look. */
  private List<String> ofDevice() {
    return report.judgements().stream()
        .filter(one -> one.subject() instanceof Subject.Device)
        .flatMap(one -> one.evidence().stream())
        .map(Evidence::rule)
        .toList();
  }

  @Test
  void aFailureIsFailedFromTheFirstLookOnAndOverWhenItIs() {
    after(1, lost(0));
    assertThat(after(62, lost(1))).contains("fabric-lost");
    Judgement before = node(List.of(lost(1).sample()));
    restart("boot");
    second++;
    assertThat(node(List.of()).verdict()).as("nothing is read yet").isNotEqualTo(Verdict.OK);
    second++;
    Judgement again = node(List.of(lost(1).sample()));
    assertThat(again.verdict()).isEqualTo(Verdict.FAILED);
    assertThat(again.evidence()).isEqualTo(before.evidence());
    assertThat(after(300, lost(1))).contains("fabric-lost");
    assertThat(after(30, lost(0))).as("not over for long enough").contains("fabric-lost");
    assertThat(after(40, lost(0))).isEmpty();
    restart("boot");
    assertThat(after(5, lost(0))).as("what is over is over").isEmpty();
  }

  @Test
  void whatCannotBeReadAfterTheStartIsNotOver() {
    after(62, lost(1));
    restart("boot");
    Table unread = host().unread(Metric.NODE_RDMA_DEVICE_LOST, "n1", "mlx5_0");
    assertThat(after(600, unread)).contains("fabric-lost");
  }

  @Test
  void itIsToldWhileItsTableIsNotThere() {
    after(62, lost(1));
    restart("boot");
    assertThat(said(List.of())).as("before the first table").containsExactly("fabric-lost");
    for (int i = 0; i < 120; i++) {
      Judgement node = node(List.of(host().sample()));
      assertThat(node.verdict()).as("second %d", i).isEqualTo(Verdict.FAILED);
      second++;
    }
    assertThat(after(5, lost(1))).contains("fabric-lost");
    assertThat(after(70, lost(0))).isEmpty();
    assertThat(after(5, host())).isEmpty();
  }

  @Test
  void itOutlivesASecondStartAndOtherRulesTooWhileNothingOfItIsRead() {
    String[] labels = {"n1", "0", "GPU-0", "nvidia", "some model"};
    Table silent = host().with(0, Metric.ACCELERATOR_UP, labels);
    after(1, host().with(1, Metric.ACCELERATOR_UP, labels));
    after(2, silent);
    assertThat(ofDevice()).containsExactly("device-silent");
    restart("boot");
    after(1, host());
    restart("boot");
    engine.memory(0);
    after(3, host());
    engine = engine.with(RULES);
    after(1, host());
    restart("boot");
    assertThat(engine.memory(0).standing())
        .extracting(Memory.Standing::key)
        .containsExactly("device-silent");
    Table up = host().with(1, Metric.ACCELERATOR_UP, labels);
    after(1, up);
    assertThat(ofDevice()).as("not up for long enough").containsExactly("device-silent");
    after(12, up);
    assertThat(ofDevice()).isEmpty();
    assertThat(engine.memory(0).standing()).isEmpty();
  }

  /** The energy counter of a device at work, with so many joules more at each second. */
  private void energy(double from, double more, int seconds) {
    String[] labels = {"n1", "0", "GPU-0", "nvidia", "some model"};
    SeriesTable.Builder table = SeriesTable.builder();
    table.add(Cadence.FAST, Series.of(Metric.ACCELERATOR_UP, labels));
    table.add(Cadence.FAST, Series.of(Metric.ACCELERATOR_UTILIZATION_RATIO, labels));
    String[] counter = Arrays.copyOf(labels, labels.length + 1);
    counter[labels.length] = "gpu";
    table.add(Cadence.FAST, Series.of(Metric.ACCELERATOR_ENERGY_JOULES_TOTAL, counter));
    Readings readings = new Readings(table.build());
    for (int i = 0; i < seconds; i++) {
      readings.at(second * SECOND);
      readings.measured(0, 1);
      readings.measured(1, 1);
      readings.measured(2, from + more * i);
      said(List.of(readings.sample()));
    }
  }

  @Test
  void aCounterThatStandsStillStandsForTheNextStartToo() {
    energy(1_000, 500, 10);
    energy(6_000, 0, 310);
    assertThat(ofDevice()).containsExactly("energy-frozen");
    restart("boot");
    energy(6_000, 0, 600);
    assertThat(ofDevice()).containsExactly("energy-frozen");
    energy(6_500, 500, 70);
    assertThat(ofDevice()).isEmpty();
    energy(50_000, 0, 310);
    assertThat(ofDevice()).as("and again").containsExactly("energy-frozen");
  }

  @Test
  void aBootEndsIt() {
    after(62, lost(1));
    restart("next boot");
    assertThat(after(5, lost(0))).isEmpty();
  }

  @Test
  void whatIsGoneIsGoneForTheNextStartToo() {
    after(5, port(1));
    assertThat(after(62, host())).contains("fabric-gone");
    restart("boot");
    assertThat(after(600, host())).contains("fabric-gone");
    assertThat(after(12, port(1))).isEmpty();
  }

  @Test
  void whatCountsWithinAWindowIsWatchedForAWholeOne() {
    for (int i = 0; i < 3; i++) {
      after(60, port(1));
      after(40, port(0));
    }
    assertThat(after(60, port(1))).contains("fabric-port-flap");
    restart("boot");
    assertThat(after(11 * 3600, port(1))).contains("fabric-port-flap");
    assertThat(after(3700, port(1))).isEmpty();
  }

  @Test
  void aProbeThatFailedIsToldUntilItWorks() {
    failing = Set.of("inventory");
    assertThat(after(62, host())).contains("probe-failing");
    restart("boot");
    assertThat(after(1, host())).contains("probe-failing");
    failing = Set.of();
    assertThat(after(60, host())).as("not tried yet").contains("probe-failing");
    answered = Set.of("inventory");
    assertThat(after(12, host())).isEmpty();
  }

  @Test
  void whatABlindProbeDoesNotTellStandsUntilTheProbeAnswers() {
    after(5, port(1));
    failing = Set.of("fabric");
    assertThat(after(302, host())).contains("fabric-blind");
    restart("boot");
    failing = Set.of();
    assertThat(after(60, host())).as("not tried yet").contains("fabric-blind");
    failing = Set.of("fabric");
    assertThat(after(60, host())).contains("fabric-blind");
    failing = Set.of();
    answered = Set.of("fabric");
    assertThat(after(12, host())).doesNotContain("fabric-blind");
  }

  @Test
  void aHostThatWasTooOldIsNotSeenBeforeItIsRead() {
    Table old = new Table().unread(Metric.NODE_MEMORY_AVAILABLE_BYTES, "n1");
    assertThat(after(5, old)).containsExactly("host-unseen");
    restart("boot");
    Table other = new Table().with(1, Metric.NODE_RDMA_PORT_UP, "n1", "mlx5_0", "1");
    assertThat(after(60, other)).containsExactly("host-unseen");
    assertThat(after(12, host())).isEmpty();
  }

  // ---- how many devices there are

  private static Table counts(double devices) {
    return host().with(devices, Metric.NODE_ACCELERATORS, "n1", "nvidia", "some model");
  }

  @Test
  void aDeviceThatABootDidNotBringBackIsMissed() {
    after(60, counts(8));
    restart("next boot");
    assertThat(after(100, counts(7))).isEmpty();
    assertThat(after(30, counts(7))).containsExactly("accelerators-fewer");
    restart("third boot");
    assertThat(after(130, counts(7))).containsExactly("accelerators-fewer");
    assertThat(after(12, counts(8))).isEmpty();
  }

  @Test
  void whereItIsSaidHowManyThereMustBeNothingIsRemembered() {
    after(60, counts(8));
    restart("next boot");
    assertThat(after(130, counts(6))).containsExactly("accelerators-fewer");
    Table said = counts(6).with(6, Metric.NODE_ACCELERATORS_EXPECTED, "n1", "nvidia");
    assertThat(after(12, said)).as("none of them was seen yet").containsExactly("driver-awaited");
    restart("third boot");
    assertThat(after(200, counts(6))).isEmpty();
  }

  @Test
  void aDriverThatIsNotThereCountsNothing() {
    after(60, counts(8));
    restart("next boot");
    Table unread = host().unread(Metric.NODE_ACCELERATORS, "n1", "nvidia", "some model");
    assertThat(after(600, unread)).isEmpty();
  }
}
