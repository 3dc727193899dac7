package io.millwright.agent.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.health.Condition;
import io.millwright.protocol.health.ErrorCode;
import io.millwright.protocol.health.Match;
import io.millwright.protocol.health.Rule;
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
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** What holds of any trace, by all rules, with random readings, faults and events. */
class EnginePropertiesTest {
  private static final RuleCatalogue RULES = RuleCatalogue.load();
  private static final long SECOND = 1_000_000_000L;
  private static final int TICKS = 400;
  private static final int DEVICES = 3;

  private final long seed = new Random().nextLong();
  private final Random random = new Random(seed);
  private final Calm calm = new Calm(RULES);

  private static Engine engine() {
    return new Engine(RULES, "/data", Memory.none("boot"), "boot");
  }

  // ---- traces

  private static List<SeriesTable> tables() {
    List<SeriesTable> tables = new ArrayList<>();
    for (int i = 0; i < DEVICES; i++) {
      String vendor = i == 2 ? "aws" : "nvidia";
      String uuid = i == 2 ? "neuron-2" : "GPU-" + i;
      List<String> labels = List.of("n1", "" + i, uuid, vendor, "a model");
      Set<Series> there = new LinkedHashSet<>();
      there.add(new Series(Metric.ACCELERATOR_UP, labels, false));
      there.add(series(Metric.ACCELERATOR_ENERGY_JOULES_TOTAL, labels, "gpu"));
      there.add(series(Metric.ACCELERATOR_TEMPERATURE_CELSIUS, labels, "core"));
      there.add(series(Metric.ACCELERATOR_NATIVE_CALL_STUCK_SECONDS, labels, "nvmlDeviceGetX"));
      looked(Metric.Scope.ACCELERATOR).forEach(match -> there.add(series(match, labels)));
      tables.add(table(there));
    }
    Set<Series> host = new LinkedHashSet<>();
    host.add(Series.of(Metric.NODE_MEMORY_AVAILABLE_BYTES, "n1"));
    host.add(Series.of(Metric.NODE_ACCELERATORS, "n1", "nvidia", "a model"));
    host.add(Series.of(Metric.NODE_ACCELERATORS_EXPECTED, "n1", "nvidia"));
    looked(Metric.Scope.NODE).forEach(match -> host.add(series(match, List.of("n1"))));
    tables.add(table(host));
    return tables;
  }

  private static List<Match> looked(Metric.Scope scope) {
    return RULES.all().stream()
        .flatMap(rule -> lookedAt(rule.condition()))
        .filter(match -> match.metric().scope() == scope)
        .toList();
  }

  private static Stream<Match> lookedAt(Condition condition) {
    return switch (condition) {
      case Condition.Share share -> Stream.of(share.part(), share.whole());
      case Condition.PcieReplays _ ->
          Stream.of(
              Condition.PcieReplays.COUNTER, PcieReplayLimit.LANES, PcieReplayLimit.GENERATION);
      default -> condition.lookedAt().stream();
    };
  }

  private static SeriesTable table(Set<Series> there) {
    SeriesTable.Builder table = SeriesTable.builder();
    there.forEach(one -> table.add(Cadence.FAST, one));
    return table.build();
  }

  private static Series series(Match match, List<String> first) {
    Metric metric = match.metric();
    List<String> own = new ArrayList<>();
    for (String label : metric.labels().subList(first.size(), metric.labels().size())) {
      Set<String> allowed =
          match.labels().getOrDefault(label, Set.of(label.equals("mountpoint") ? "/" : "any"));
      own.add(allowed.stream().sorted().findFirst().orElseThrow());
    }
    return series(metric, first, own.toArray(String[]::new));
  }

  private static Series series(Metric metric, List<String> first, String... own) {
    List<String> values = new ArrayList<>(first);
    values.addAll(List.of(own));
    return new Series(metric, values, false);
  }

  /** Each reading anything that may come, at times none at all; each event anything, anywhere. */
  private List<Observation> trace() {
    List<SeriesTable> tables = tables();
    double[] figures = {0, 0, 0, 1, 1, 2, 0.001, 0.5, 3, 6, 512, 5000, -1, 1e300, Double.NaN};
    List<Observation> trace = new ArrayList<>();
    long nanos = 0;
    for (int tick = 1; tick <= TICKS; tick++) {
      nanos += SECOND * (1 + random.nextInt(40));
      List<Sample> samples = new ArrayList<>();
      for (SeriesTable table : tables) {
        if (random.nextInt(50) == 0) {
          continue;
        }
        Readings readings = new Readings(table);
        for (int i = 0; i < table.size(); i++) {
          if (random.nextInt(10) > 0) {
            readings.measured(i, figures[random.nextInt(figures.length)]);
          } else if (random.nextBoolean()) {
            readings.unavailable(i, any(Fault.values()));
          }
        }
        samples.add(readings.sample());
      }
      trace.add(
          new Observation(
              nanos,
              nanos / 1_000_000 + random.nextInt(5),
              new NodeSnapshot(tick, nanos, samples),
              events(nanos / 1_000_000),
              random.nextBoolean()
                  ? Map.of("GPU-0", new RunId("job" + random.nextInt(4), 1))
                  : Map.of(),
              random.nextInt(20) == 0 ? Set.of("host", "inventory", "no such probe") : Set.of(),
              random.nextInt(20) == 0 ? Set.of() : Set.of("host", "inventory", "fabric"),
              ""));
    }
    return trace;
  }

  private List<Event> events(long atMs) {
    List<Event> events = new ArrayList<>();
    while (random.nextInt(3) == 0) {
      Event.DeviceError error =
          new Event.DeviceError(
              place(),
              random.nextInt(4) == 0
                  ? Optional.of(new InstanceId(random.nextInt(8), OptionalInt.empty()))
                  : Optional.empty(),
              random.nextBoolean()
                  ? ErrorCode.xid(random.nextInt(200))
                  : ErrorCode.neuron(random.nextBoolean() ? "DMA_ERROR" : "SOMETHING_NEW"),
              any(Event.Origin.values()),
              atMs - random.nextInt(4000),
              any(Event.Gravity.values()),
              random.nextBoolean() ? "" : "words");
      events.add(random.nextInt(5) == 0 ? new Event.Repeated(error, 1000, atMs - 5000) : error);
      events.add(new Event.Kernel(random.nextBoolean() ? "oom" : "no such pattern", atMs, "line"));
    }
    return events;
  }

  private <T> T any(T[] all) {
    return all[random.nextInt(all.length)];
  }

  private Event.Place place() {
    return switch (random.nextInt(4)) {
      case 0 -> new Event.Place.Uuid("GPU-" + random.nextInt(3));
      case 1 -> new Event.Place.Pci("not an address");
      case 2 -> new Event.Place.Neuron("", OptionalInt.of(random.nextInt(4)));
      default -> new Event.Place.Neuron("2", OptionalInt.empty());
    };
  }

  // ---- what holds

  @RepeatedTest(3)
  void theSameTraceGivesTheSameVerdictsInWhateverOrderWithinATick() {
    Engine straight = engine();
    Engine again = engine();
    Engine shuffled = engine();
    for (Observation now : trace()) {
      HealthReport report = straight.judge(now);
      assertThat(again.judge(now)).as("seed %d", seed).isEqualTo(report);
      List<Event> events = new ArrayList<>(now.events());
      Collections.shuffle(events, random);
      List<Sample> samples = new ArrayList<>(now.snapshot().samples());
      Collections.shuffle(samples, random);
      NodeSnapshot mixed =
          new NodeSnapshot(now.snapshot().sequence(), now.snapshot().takenAtNanos(), samples);
      Observation other =
          new Observation(
              now.nanos(),
              now.wallMs(),
              mixed,
              events,
              now.holders(),
              now.failing(),
              now.answered(),
              "");
      assertThat(shuffled.judge(other).judgements())
          .as("seed %d", seed)
          .isEqualTo(report.judgements());
    }
    assertThat(shuffled.memory(0)).as("seed %d", seed).isEqualTo(straight.memory(0));
  }

  @RepeatedTest(3)
  void whatDoesNotAnswerIsNeverOkAndAFailedRuleNeverGoodNews() {
    Engine engine = engine();
    int unknown = 0;
    for (Observation now : trace()) {
      Set<String> answering = answering(now.snapshot());
      for (Judgement one : engine.judge(now).judgements()) {
        if (one.subject() instanceof Subject.Device(String index, String uuid)
            && !answering.contains(uuid)) {
          unknown++;
          assertThat(one.verdict()).as("seed %d", seed).isIn(Verdict.UNKNOWN, Verdict.FAILED);
        }
        Verdict worst =
            one.evidence().stream()
                .filter(evidence -> !evidence.observeOnly())
                .map(Evidence::verdict)
                .reduce(Verdict.OK, Verdict::worse);
        assertThat(one.verdict().worse(worst)).as("seed %d", seed).isEqualTo(one.verdict());
      }
    }
    assertThat(unknown).as("seed %d", seed).isPositive();
  }

  private static Set<String> answering(NodeSnapshot snapshot) {
    Set<String> answering = new HashSet<>();
    for (Sample sample : snapshot.samples()) {
      for (int i = 0; i < sample.table().size(); i++) {
        Series series = sample.table().series(i);
        if (series.metric() == Metric.ACCELERATOR_UP
            && sample.measured(i)
            && sample.value(i) == 1) {
          answering.add(series.labelValues().get(2));
        }
      }
    }
    return answering;
  }

  /** A rule of readings changes its mind once in its held and its ending time, at most. */
  @RepeatedTest(3)
  void flappingIsBoundedByWhatBeginsAndWhatEndsARule() {
    Engine engine = engine();
    Map<String, Long> began = new HashMap<>();
    Map<String, Long> ended = new HashMap<>();
    int changes = 0;
    for (Observation now : trace()) {
      Set<String> speaking = new HashSet<>();
      for (Judgement one : engine.judge(now).judgements()) {
        if (one.subject() instanceof Subject.Device(String index, String uuid)) {
          one.evidence().stream()
              .filter(evidence -> ofOneSeries(RULES.rule(evidence.rule())))
              .forEach(evidence -> speaking.add(evidence.rule() + " " + uuid));
        }
      }
      for (String one : speaking) {
        if (began.putIfAbsent(one, now.nanos()) == null) {
          changes++;
          Rule rule = rule(one);
          long silent = now.nanos() - ended.getOrDefault(one, 0L);
          assertThat(silent)
              .as("%s, seed %d", one, seed)
              .isGreaterThanOrEqualTo(rule.held().toNanos());
        }
      }
      Set<String> over = new HashSet<>(began.keySet());
      over.removeAll(speaking);
      over.removeIf(one -> !judged(now, one)); // a device that is not there is not judged
      for (String one : over) {
        long spoke = now.nanos() - began.getOrDefault(one, 0L);
        began.remove(one);
        ended.put(one, now.nanos());
        assertThat(spoke)
            .as("%s, seed %d", one, seed)
            .isGreaterThanOrEqualTo(Sight.ended(rule(one).ending()).toNanos());
      }
    }
    assertThat(changes).as("seed %d", seed).isPositive();
  }

  private static boolean ofOneSeries(Rule rule) {
    return rule.condition().lookedAt().isPresent();
  }

  private static Rule rule(String key) {
    return RULES.rule(key.substring(0, key.indexOf(' ')));
  }

  private static boolean judged(Observation now, String key) {
    String uuid = key.substring(key.indexOf(' ') + 1);
    return now.snapshot().samples().stream()
        .anyMatch(sample -> sample.table().series(0).labelValues().contains(uuid));
  }

  /** Whatever went before: after a quiet week all that ends by itself has ended. */
  @Test
  void whatSpeaksEndsWhenItIsOver() {
    Engine engine = engine();
    List<Observation> trace = trace();
    trace.forEach(engine::judge);
    long nanos = trace.getLast().nanos();
    HealthReport last = new HealthReport(0, List.of());
    for (int i = 0; i < 40; i++) {
      nanos += 6 * 3600 * SECOND;
      last = engine.judge(quiet(nanos));
    }
    assertThat(last.judgements())
        .as("seed %d", seed)
        .hasSize(DEVICES + 1)
        .allSatisfy(one ->
            assertThat(one.evidence())
                .allMatch(evidence -> endsByAReset(RULES.rule(evidence.rule()))));
  }

  private static boolean endsByAReset(Rule rule) {
    return rule.ofEvents() && rule.condition().lookedAt().isEmpty();
  }

  private Observation quiet(long nanos) {
    List<Sample> samples = new ArrayList<>();
    for (SeriesTable table : tables()) {
      Readings readings = new Readings(table);
      for (int i = 0; i < table.size(); i++) {
        switch (table.series(i).metric()) {
          case ACCELERATOR_UP -> readings.measured(i, 1);
          case ACCELERATOR_NATIVE_CALL_STUCK_SECONDS -> readings.unsupported(i);
          default -> readings.measured(i, calm.of(table.series(i)));
        }
      }
      samples.add(readings.sample());
    }
    return new Observation(
        nanos,
        nanos / 1_000_000,
        new NodeSnapshot(1, nanos, samples),
        List.of(),
        Map.of(),
        Set.of(),
        Set.of(),
        "");
  }

  // ---- other rules

  /** What a site changes touches the rules that it changes, and no other. */
  @RepeatedTest(3)
  void otherRulesLeaveTheVerdictsOfTheSameRulesAsTheyStand() {
    Engine straight = engine();
    Engine changed = engine();
    RuleCatalogue fewer = RULES.with(Map.of(), Set.of("margin-low", "xid-reset", "probe-failing"));
    List<Observation> trace = trace();
    for (int i = 0; i < trace.size(); i++) {
      changed = i == TICKS / 2 ? changed.with(fewer) : changed;
      List<Judgement> all = straight.judge(trace.get(i)).judgements();
      List<Judgement> some = changed.judge(trace.get(i)).judgements();
      assertThat(evidence(some))
          .as("seed %d", seed)
          .containsExactlyInAnyOrderElementsOf(
              i < TICKS / 2
                  ? evidence(all)
                  : evidence(all).stream()
                      .filter(one -> fewer.find(one.substring(0, one.indexOf(' '))).isPresent())
                      .toList());
    }
    Memory all = straight.memory(0);
    Memory some = changed.memory(0);
    assertThat(some.tallies()).as("seed %d", seed).isEqualTo(all.tallies());
    assertThat(some.kernel()).as("seed %d", seed).isEqualTo(all.kernel());
    assertThat(some.standing())
        .as("seed %d", seed)
        .isEqualTo(
            all.standing().stream().filter(one -> fewer.find(one.rule()).isPresent()).toList());
  }

  private static List<String> evidence(List<Judgement> judgements) {
    return judgements.stream()
        .flatMap(one ->
            one.evidence().stream()
                .map(each ->
                    "%s %s %d %s"
                        .formatted(each.rule(), one.subject(), each.sinceMs(), each.observed())))
        .toList();
  }
}
