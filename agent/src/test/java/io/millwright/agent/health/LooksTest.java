package io.millwright.agent.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.health.Comparison;
import io.millwright.protocol.health.Condition;
import io.millwright.protocol.health.Ending;
import io.millwright.protocol.health.Match;
import io.millwright.protocol.health.Rule;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.health.Advice;
import io.millwright.protocol.vocabulary.health.Scope;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Conditions that ask what went before: turns, and what is gone. */
class LooksTest {
  private static final long SECOND = 1_000_000_000L;
  private static final Match PORTS = new Match(Metric.NODE_RDMA_PORT_UP, Map.of(), Set.of());
  private static final Condition FLAPS =
      new Condition.Turns(
          PORTS, Comparison.EQUAL, 0, Duration.ofSeconds(30), 3, Duration.ofHours(12));

  private static final Node NO_DEVICES =
      new Node(Map.of(), Set.of(), Optional.empty(), 0, Set.of(), Map.of(), true, true);

  private long second;

  private static Looks looks(Condition condition, Duration held) {
    return new Looks(
        List.of(
            new Rule(
                "some-rule",
                1,
                "any",
                "link",
                condition,
                held,
                new Ending.Not(Duration.ofSeconds(10)),
                Verdict.DEGRADED,
                Advice.INSPECT,
                Scope.NODE,
                false,
                "It is.",
                "it is not",
                "here")),
        "/data",
        List.of());
  }

  /** Ports of one adapter each; below 0 is not found, NaN is too late. */
  private static Sample ports(double... states) {
    SeriesTable.Builder table = SeriesTable.builder();
    for (int i = 0; i < states.length; i++) {
      table.add(Cadence.FAST, Series.of(Metric.NODE_RDMA_PORT_UP, "n1", "mlx5_" + i, "1"));
    }
    Readings readings = new Readings(table.build());
    for (int i = 0; i < states.length; i++) {
      if (states[i] >= 0) {
        readings.measured(i, states[i]);
      } else {
        readings.unavailable(i, Double.isNaN(states[i]) ? Fault.TIMEOUT : Fault.NOT_FOUND);
      }
    }
    return readings.sample();
  }

  /** What is said after the sample stood so for so many seconds. */
  private List<String> after(Looks looks, int seconds, Sample sample, String... failing) {
    List<String> said = new ArrayList<>();
    for (int i = 0; i < seconds; i++) {
      second++;
      said.clear();
      looks.step(
          new Observation(
              second * SECOND,
              second * 1000,
              new NodeSnapshot(second, second * SECOND, List.of(sample)),
              List.of(),
              Map.of(),
              Set.of(failing),
              Set.of("fabric"),
              ""),
          NO_DEVICES,
          one -> said.add(one.observed()));
    }
    return said;
  }

  private List<String> flap(Looks looks, int downSeconds) {
    after(looks, 60, ports(1));
    return after(looks, downSeconds, ports(0));
  }

  @Test
  void aFlapIsSaidOnceItCameOftenEnough() {
    Looks looks = looks(FLAPS, Duration.ZERO);
    assertThat(flap(looks, 31)).isEmpty();
    assertThat(flap(looks, 300)).isEmpty();
    assertThat(flap(looks, 30)).isEmpty();
    assertThat(after(looks, 1, ports(0)))
        .containsExactly("rdma_port_up (mlx5_0, 1) turned = 0 3 times within 720 min");
  }

  @Test
  void whatDoesNotStandLongEnoughIsNoTurn() {
    Looks looks = looks(FLAPS, Duration.ZERO);
    for (int i = 0; i < 10; i++) {
      assertThat(flap(looks, 30)).isEmpty();
    }
  }

  @Test
  void aFlapEndsWhenItsTurnsAreOld() {
    Looks looks = looks(FLAPS, Duration.ZERO);
    flap(looks, 31);
    flap(looks, 31);
    assertThat(flap(looks, 31)).hasSize(1);
    int untilFirstIsOld = 12 * 3600 - 2 * 91;
    assertThat(after(looks, untilFirstIsOld - 31, ports(1))).hasSize(1);
    assertThat(after(looks, 60, ports(1))).isEmpty();
  }

  @Test
  void whatStoodSoFromTheBeginningDidNotTurn() {
    Looks looks = looks(FLAPS, Duration.ZERO);
    after(looks, 600, ports(0));
    flap(looks, 31);
    assertThat(flap(looks, 31)).isEmpty();
    assertThat(flap(looks, 31)).hasSize(1);
  }

  @Test
  void whatIsNotSeenBeginsNoTurnAndBreaksTheTimeOfOne() {
    Looks looks = looks(FLAPS, Duration.ZERO);
    flap(looks, 31);
    for (int i = 0; i < 5; i++) {
      after(looks, 5, ports(Double.NaN));
      assertThat(after(looks, 60, ports(0))).as("still the same turn").isEmpty();
    }
    flap(looks, 20);
    after(looks, 1, ports(Double.NaN));
    assertThat(after(looks, 20, ports(0))).isEmpty();
    assertThat(after(looks, 12, ports(0))).as("the second").isEmpty();
    assertThat(flap(looks, 31)).as("the third").hasSize(1);
  }

  @Test
  void turnsAreCountedAsFarAsTheyAreKept() {
    Turns turns = new Turns(Duration.ZERO, Duration.ofHours(24));
    for (int i = 0; i < 1000; i++) {
      turns.within(2L * i * SECOND, false);
      assertThat(turns.within((2L * i + 1) * SECOND, true))
          .isEqualTo(Math.min(i + 1, Condition.MOST_TURNS));
    }
    assertThat(turns.within(Duration.ofDays(2).toNanos(), false)).isZero();
  }

  @Test
  void whatNoTableHasAnyMoreIsGoneUntilItIsToldOfAgain() {
    Looks looks = looks(new Condition.Gone(PORTS, Set.of()), Duration.ofSeconds(30));
    assertThat(after(looks, 60, ports(1, 1))).isEmpty();
    assertThat(after(looks, 30, ports(1))).isEmpty();
    assertThat(after(looks, 600, ports(1)))
        .containsExactly("rdma_port_up (mlx5_1, 1) was there and is told of no more");
    assertThat(after(looks, 10, ports(1, 0))).hasSize(1);
    assertThat(after(looks, 1, ports(1, 0))).isEmpty();
  }

  @Test
  void whatItsSourceDoesNotFindAnyMoreIsGoneAndASlowSourceTakesNothingAway() {
    Looks looks = looks(new Condition.Gone(PORTS, Set.of()), Duration.ofSeconds(30));
    after(looks, 60, ports(1, 1));
    assertThat(after(looks, 600, ports(1, Double.NaN))).isEmpty();
    assertThat(after(looks, 31, ports(1, -1))).hasSize(1);
    assertThat(after(looks, 600, ports(1, Double.NaN))).as("not seen ends nothing").hasSize(1);
  }

  @Test
  void whatWasNeverReadIsNotGone() {
    Looks looks = looks(new Condition.Gone(PORTS, Set.of()), Duration.ZERO);
    after(looks, 60, ports(1, -1));
    assertThat(after(looks, 60, ports(1))).isEmpty();
  }

  @Test
  void nothingIsGoneWhileTheProbeThatTellsOfItFails() {
    Looks looks = looks(new Condition.Gone(PORTS, Set.of("fabric")), Duration.ofSeconds(30));
    after(looks, 60, ports(1, 1));
    assertThat(after(looks, 600, ports(), "fabric", "pcie")).isEmpty();
    assertThat(after(looks, 31, ports(), "pcie")).hasSize(2);
  }
}
