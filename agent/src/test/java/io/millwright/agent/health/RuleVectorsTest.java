package io.millwright.agent.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.health.Comparison;
import io.millwright.protocol.health.Condition;
import io.millwright.protocol.health.Ending;
import io.millwright.protocol.health.Match;
import io.millwright.protocol.health.Rule;
import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.Unit;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.health.Subject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * For each rule of readings, made from the rule itself: values that fire it, the nearest ones that
 * do not, and what ends it, through the engine. A rule that can never speak fails here.
 */
class RuleVectorsTest {
  private static final RuleCatalogue RULES = RuleCatalogue.load();
  private static final long SECOND = 1_000_000_000L;
  private static final String STATE = "/data/health";

  /** One step of the figure that tells a threshold from what is next to it. */
  private static final double STEP = 0.001;

  private static final double LANES = 16;
  private static final double GENERATION = 4;

  /** A wrong bit in 10^12, at 16 Gbit/s a lane, in a minute. */
  private static final double MOST_REPLAYS = 16;

  static Stream<Rule> rules() {
    return RULES.all().stream().filter(rule -> rule.condition().lookedAt().isPresent());
  }

  /** A node with the one series that a rule looks at, and what else its engine needs. */
  private static final class Bench {
    private static final int UTILIZATION = 2;

    private final Rule rule;
    private final Match match;
    private final Engine engine = new Engine(RULES, STATE, Memory.none("boot"), "boot");
    private final Readings readings;
    private final int index;
    private final int whole;
    private final Readings without;
    private Set<String> failing = Set.of();
    private double busy = 1;

    /** What is read at each look; empty where it was refused. */
    private OptionalDouble figure = OptionalDouble.empty();

    private long second;

    Bench(Rule rule) {
      this.rule = rule;
      this.match = rule.condition().lookedAt().orElseThrow();
      SeriesTable.Builder bare = SeriesTable.builder();
      up(bare);
      without = new Readings(bare.build());
      SeriesTable.Builder table = SeriesTable.builder();
      up(table);
      index = table.add(Cadence.FAST, new Series(match.metric(), labels(match), false));
      whole = whole(table);
      if (!match.places().isEmpty() && match.metric() != Metric.NODE_FILESYSTEM_READONLY) {
        table.add(Cadence.FAST, new Series(Metric.NODE_FILESYSTEM_READONLY, labels(match), false));
      }
      readings = new Readings(table.build());
      if (rule.condition() instanceof Condition.PcieReplays) {
        readings.measured(whole, LANES);
        readings.measured(whole + 1, GENERATION);
      } else if (whole >= 0) {
        readings.measured(whole, 1);
      }
    }

    /** What the series is held against, and behind it what else; -1 where there is nothing. */
    private int whole(SeriesTable.Builder table) {
      return switch (standing(rule.condition())) {
        case Condition.Share share -> add(table, share.whole());
        case Condition.PcieReplays _ -> {
          int lanes = add(table, PcieReplayLimit.LANES);
          add(table, PcieReplayLimit.GENERATION);
          yield lanes;
        }
        default -> -1;
      };
    }

    private int add(SeriesTable.Builder table, Match of) {
      Match there = new Match(of.metric(), of.labels(), match.places());
      return table.add(Cadence.FAST, new Series(of.metric(), labels(there), false));
    }

    private void up(SeriesTable.Builder table) {
      table.add(Cadence.FAST, new Series(Metric.ACCELERATOR_UP, device(), false));
      table.add(Cadence.FAST, Series.of(Metric.NODE_MEMORY_AVAILABLE_BYTES, "n1"));
      table.add(Cadence.FAST, new Series(Metric.ACCELERATOR_UTILIZATION_RATIO, device(), false));
    }

    private List<String> device() {
      String vendor = rule.vendor().equals("any") ? "nvidia" : rule.vendor();
      return List.of("n1", "0", "some-uuid", vendor, "some model");
    }

    /** The first allowed value of each label that the rule names; any other for the rest. */
    private List<String> labels(Match of) {
      List<String> device = device();
      List<String> labels = new ArrayList<>();
      for (String label : of.metric().labels()) {
        int place = Metric.Scope.ACCELERATOR.labels().indexOf(label);
        boolean own = place < 0 || of.metric().scope() != Metric.Scope.ACCELERATOR;
        labels.add(label.equals("node") ? "n1" : own ? value(of, label) : device.get(place));
      }
      return labels;
    }

    private static String value(Match of, String label) {
      if (label.equals("mountpoint") && !of.places().isEmpty()) {
        return of.places().contains("state") ? "/data" : "/";
      }
      return of.labels().getOrDefault(label, Set.of("any")).stream()
          .sorted()
          .findFirst()
          .orElseThrow();
    }

    private HealthReport judge(Readings now, Duration step) {
      second += step.toSeconds();
      if (now == readings && figure.isPresent()) {
        now.at(second * SECOND);
        now.measured(index, figure.getAsDouble());
      }
      now.at(second * SECOND);
      now.measured(0, 1);
      now.measured(1, 1e9);
      now.measured(UTILIZATION, busy);
      Sample sample = now.sample();
      return engine.judge(
          new Observation(
              second * SECOND,
              second * 1000,
              new NodeSnapshot(second, second * SECOND, List.of(sample)),
              List.of(),
              Map.of(),
              failing,
              Set.of("fabric"),
              ""));
    }

    /** Whether the rule speaks after the figure grew for this long. */
    boolean speaksMoving(double from, Duration span) {
      boolean speaks = false;
      for (long i = 0; i <= span.toSeconds(); i++) {
        figure = OptionalDouble.of(from + (double) i);
        speaks = speaks(judge(readings, Duration.ofSeconds(1)));
      }
      return speaks;
    }

    /** Whether the rule speaks after the figure stood so for this long. */
    boolean speaksAfter(double figure, Duration span) {
      this.figure = OptionalDouble.of(figure);
      return speaksAfter(readings, span);
    }

    /** The device, which answers otherwise, refuses it. */
    boolean speaksRefused(Duration span) {
      figure = OptionalDouble.empty();
      readings.unavailable(index, Fault.OTHER);
      return speaksAfter(readings, span);
    }

    /** The series is told of no more. */
    boolean speaksWithout(Duration span) {
      return speaksAfter(without, span);
    }

    private boolean speaksAfter(Readings now, Duration span) {
      long steps = Math.max(1, Math.min(600, span.toSeconds()));
      Duration step = Duration.ofSeconds(Math.max(1, span.toSeconds() / steps));
      judge(now, Duration.ofSeconds(1));
      boolean speaks = false;
      for (long done = 0; done <= span.toSeconds(); done += step.toSeconds()) {
        speaks = speaks(judge(now, step));
      }
      return speaks;
    }

    private boolean speaks(HealthReport report) {
      boolean ofDevice = match.metric().scope() == Metric.Scope.ACCELERATOR;
      return report.judgements().stream()
          .filter(one -> one.subject() instanceof Subject.Device == ofDevice)
          .flatMap(one -> one.evidence().stream())
          .map(Evidence::rule)
          .anyMatch(rule.id()::equals);
    }
  }

  private static Condition standing(Condition condition) {
    return condition instanceof Condition.Began(Condition standing) ? standing : condition;
  }

  private static double beside(Comparison comparison, double threshold) {
    return switch (comparison) {
      case BELOW -> threshold;
      case EQUAL -> threshold == 0 ? 1 : 0;
      case AT_LEAST -> threshold - STEP;
      case ABOVE -> threshold;
    };
  }

  private static double within(Comparison comparison, double threshold) {
    return switch (comparison) {
      case BELOW -> threshold - STEP;
      case EQUAL, AT_LEAST -> threshold;
      case ABOVE -> threshold + STEP;
    };
  }

  /** A figure that ends it, and how long that must stand. */
  private static double over(Rule rule, double otherwise) {
    return rule.ending() instanceof Ending.Value(var comparison, double threshold, Duration held)
        ? within(comparison, threshold)
        : otherwise;
  }

  /** All but those that hold devices against one another, which are those of {@link PeersTest}. */
  static Stream<Rule> vectors() {
    return rules().filter(rule -> !(rule.condition() instanceof Condition.BelowPeers));
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void speaksIsSilentNextToItAndEnds(Rule rule) {
    Duration held = rule.held();
    Duration ended = Sight.ended(rule.ending());
    Bench bench = new Bench(rule);
    switch (rule.condition()) {
      case Condition.Reading(Match match, Comparison comparison, double threshold) ->
          figures(bench, rule, comparison, threshold, held, ended);
      case Condition.Share(Match part, var whole, Comparison comparison, double threshold) ->
          figures(bench, rule, comparison, threshold, held, ended);
      case Condition.Increase(Match match, double least, Duration window) -> {
        assertThat(bench.speaksAfter(0, held)).isFalse();
        assertThat(bench.speaksAfter(least - 1, held)).as("one less").isFalse();
        assertThat(bench.speaksAfter(least, held)).as("just so many").isTrue();
        assertThat(bench.speaksAfter(least, window.multipliedBy(2).plus(ended)))
            .as("over")
            .isFalse();
      }
      case Condition.Turns turns -> {
        double to = within(turns.comparison(), turns.threshold());
        double off = beside(turns.comparison(), turns.threshold());
        for (int i = 1; i < turns.least(); i++) {
          bench.speaksAfter(off, Duration.ofSeconds(2));
          assertThat(bench.speaksAfter(to, turns.held())).as("turn %d", i).isFalse();
        }
        bench.speaksAfter(off, Duration.ofSeconds(2));
        assertThat(bench.speaksAfter(to, turns.held().plus(held))).as("often enough").isTrue();
        assertThat(bench.speaksAfter(off, turns.window().multipliedBy(2).plus(ended)))
            .as("over")
            .isFalse();
      }
      case Condition.PcieReplays(Duration window) -> {
        assertThat(bench.speaksAfter(0, held)).isFalse();
        assertThat(bench.speaksAfter(MOST_REPLAYS, held)).as("as many as may be").isFalse();
        assertThat(bench.speaksAfter(MOST_REPLAYS + 1, held)).as("one more").isTrue();
        assertThat(bench.speaksAfter(MOST_REPLAYS + 1, window.multipliedBy(2).plus(ended)))
            .as("over")
            .isFalse();
      }
      case Condition.Began(Condition.Reading(var match, Comparison sign, double threshold)) ->
          begins(bench, rule, sign, threshold);
      case Condition.Began(Condition.Share(var part, var whole, Comparison sign, double most)) ->
          begins(bench, rule, sign, most);
      case Condition.Frozen _ -> {
        assertThat(bench.speaksMoving(5, held.multipliedBy(2))).as("it moves").isFalse();
        bench.busy = 0.49;
        assertThat(bench.speaksAfter(1e6, held)).as("not at work").isFalse();
        bench.busy = 0.5;
        assertThat(bench.speaksAfter(1e6, held.minusSeconds(3))).as("not for long").isFalse();
        assertThat(bench.speaksAfter(1e6, held)).as("it stands still").isTrue();
        assertThat(bench.speaksMoving(2e6, ended.minusSeconds(3))).as("not for long").isTrue();
        assertThat(bench.speaksMoving(3e6, ended)).as("it moves again").isFalse();
        assertThat(bench.speaksAfter(0, held.multipliedBy(2))).as("it began anew").isFalse();
      }
      case Condition.Blind(Match match, String probe) -> {
        bench.failing = Set.of(probe);
        assertThat(bench.speaksWithout(held)).as("never there").isFalse();
        assertThat(bench.speaksAfter(1, held)).as("still read").isFalse();
        bench.failing = Set.of("another");
        assertThat(bench.speaksWithout(held)).as("taken away").isFalse();
        bench.failing = Set.of(probe);
        assertThat(bench.speaksWithout(held)).as("blind").isTrue();
        bench.failing = Set.of();
        assertThat(bench.speaksAfter(1, ended)).as("read again").isFalse();
      }
      case Condition.Unread _ -> {
        assertThat(bench.speaksAfter(1, held)).isFalse();
        assertThat(bench.speaksRefused(held)).as("refused").isTrue();
        assertThat(bench.speaksAfter(1, ended)).as("read again").isFalse();
      }
      case Condition.Gone _ -> {
        assertThat(bench.speaksAfter(1, held)).isFalse();
        assertThat(bench.speaksWithout(held)).as("gone").isTrue();
        assertThat(bench.speaksAfter(1, ended)).as("there again").isFalse();
      }
      case Condition.Xid _,
          Condition.Sxid _,
          Condition.NeuronError _,
          Condition.XidJobs _,
          Condition.Kernel _,
          Condition.Lost _,
          Condition.DriverGone _,
          Condition.Stuck _,
          Condition.Silent _,
          Condition.Awaited _,
          Condition.Missing _,
          Condition.Fewer _,
          Condition.Began _,
          Condition.BelowPeers _,
          Condition.ProbeFails _ ->
          throw new IllegalStateException(rule.id());
    }
  }

  /** What stands so from the first on did not begin. */
  private static void begins(Bench bench, Rule rule, Comparison comparison, double threshold) {
    double within = within(comparison, threshold);
    double beside = beside(comparison, threshold);
    assertThat(bench.speaksAfter(within, rule.held())).as("from the first on").isFalse();
    bench.speaksAfter(beside, Duration.ofSeconds(2));
    assertThat(bench.speaksAfter(within, rule.held().minusSeconds(3))).as("not long").isFalse();
    assertThat(bench.speaksAfter(within, rule.held())).as("it began").isTrue();
    assertThat(bench.speaksAfter(beside, Sight.ended(rule.ending()))).as("over").isFalse();
  }

  private static void figures(
      Bench bench,
      Rule rule,
      Comparison comparison,
      double threshold,
      Duration held,
      Duration ended) {
    double beside = beside(comparison, threshold);
    assertThat(bench.speaksAfter(beside, held)).as("next to it").isFalse();
    double within = within(comparison, threshold);
    if (held.toSeconds() > 2) {
      assertThat(bench.speaksAfter(within, held.minusSeconds(2))).as("not long enough").isFalse();
    }
    assertThat(bench.speaksAfter(within, held)).as("it holds").isTrue();
    if (ended.toSeconds() > 2) {
      assertThat(bench.speaksAfter(over(rule, beside), ended.minusSeconds(3)))
          .as("not over for long enough")
          .isTrue();
    }
    assertThat(bench.speaksAfter(over(rule, beside), ended)).as("over").isFalse();
  }

  /** A threshold that a series of that family can never have would be a dead rule too. */
  @Test
  void whatIsYesOrNoIsHeldAgainstYesOrNo() {
    assertThat(rules())
        .isNotEmpty()
        .filteredOn(rule -> rule.condition().lookedAt().orElseThrow().metric().unit() == Unit.BOOL)
        .isNotEmpty()
        .allSatisfy(rule -> {
          if (rule.condition()
              instanceof Condition.Reading(var match, var sign, double threshold)) {
            assertThat(threshold).as(rule.id()).isIn(0.0, 1.0);
          }
        });
  }

  /** Words of a label that the help of the family lists: a misspelt one would never be met. */
  @Test
  void labelValuesAreThoseOfTheCatalogue() {
    assertThat(rules())
        .allSatisfy(rule -> {
          Match match = rule.condition().lookedAt().orElseThrow();
          match
              .labels()
              .forEach((label, words) -> {
                List<String> listed = listed(match.metric(), label);
                if (!listed.isEmpty()) {
                  assertThat(listed).as("%s of %s", label, rule.id()).containsAll(words);
                }
              });
        });
  }

  /** As in {@code cause=correctable|uncorrectable} within the help; empty where it lists none. */
  private static List<String> listed(Metric metric, String label) {
    for (String word : metric.help().split("[ ;,()]+", -1)) {
      if (word.startsWith(label + "=")) {
        String values = word.substring(label.length() + 1);
        return Arrays.stream(values.split("\\|", -1))
            .map(one -> one.replaceAll("[.]$", ""))
            .toList();
      }
    }
    return List.of();
  }
}
