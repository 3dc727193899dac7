package io.millwright.collector.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.collector.operations.EvidenceSource.Readiness;
import io.millwright.collector.operations.Policy.Limit;
import io.millwright.collector.operations.Policy.Limits;
import io.millwright.collector.operations.Policy.Mode;
import io.millwright.collector.operations.Policy.Rule;
import io.millwright.collector.operations.Sighting.Finding;
import io.millwright.collector.racks.Place;
import io.millwright.collector.racks.RackMap;
import io.millwright.protocol.vocabulary.health.Advice;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What verdicts make of acts, by tables and under storms. */
class PolicyReducerTest {
  private static final long SECOND = 1_000;
  private static final long SETTLE = 10 * SECOND;
  private static final long CLEAR = 60 * SECOND;
  private static final Finding DEAD =
      new Finding(Optional.of("GPU-1"), "xid-reboot", Advice.REBOOT_NODE, "Xid 79");
  private static final Finding SILENT =
      new Finding(Optional.empty(), "agent-silent", Advice.INSPECT, "silent for 60 s");
  private static final Rule ACT = new Rule(Mode.ACT, Action.CORDON);
  private static final Limits WIDE =
      new Limits(
          100,
          1,
          OptionalInt.empty(),
          new Limit(OptionalInt.empty(), OptionalInt.empty()),
          new Limit(OptionalInt.empty(), OptionalInt.empty()),
          new Limit(OptionalInt.empty(), OptionalInt.empty()));

  private Operations operations = Operations.NONE;
  private Policy policy = policy(Mode.ACT, Action.DRAIN, WIDE);
  private Function<String, Place> places = RackMap.EMPTY::place;
  private EvidenceSource evidence = EvidenceSource.NONE;
  private Optional<String> paused = Optional.empty();
  private long now = 1_700_000_000_000L;

  private static Policy policy(Mode mode, Action action, Limits limits) {
    return new Policy(
        Map.of("xid-reboot", new Rule(mode, action)),
        Map.of(),
        SETTLE,
        CLEAR,
        600 * SECOND,
        3_600 * SECOND,
        limits);
  }

  private static Sighting node(String name, Finding... findings) {
    return new Sighting(name, true, true, List.of(findings));
  }

  private void look(Sighting... fleet) {
    operations =
        operations.withActs(
            PolicyReducer.step(
                operations,
                new PolicyReducer.Input(policy, List.of(fleet), places, evidence, paused, now)));
  }

  /** Looks once, and once more when the verdict has settled. */
  private void settled(Sighting... fleet) {
    look(fleet);
    now += SETTLE;
    look(fleet);
  }

  private Act act() {
    return List.copyOf(operations.acts().values()).getLast();
  }

  private List<Stage> stages() {
    return operations.acts().values().stream().map(Act::stage).toList();
  }

  @Test
  void aVerdictSettlesIsActedOnAndIsTakenBackWhenItIsClearForAWhile() {
    look(node("n1", DEAD));
    assertThat(act().stage()).isEqualTo(Stage.SETTLING);
    now += SETTLE - 1;
    look(node("n1", DEAD));
    assertThat(act().stage()).isEqualTo(Stage.SETTLING);
    now += 1;
    look(node("n1", DEAD));
    assertThat(act().stands()).isTrue();
    assertThat(act().deadlineMs()).hasValue(now + 600 * SECOND);
    assertThat(act().evidence()).startsWith("missing");
    now += SECOND;
    look(node("n1"));
    now += CLEAR - 1;
    look(node("n1"));
    assertThat(act().stands()).isTrue();
    now += 1;
    look(node("n1"));
    assertThat(act().stage()).isEqualTo(Stage.LIFTED);
    assertThat(operations.acts()).hasSize(1);
  }

  @Test
  void aVerdictThatComesBackInTimeKeepsItsAct() {
    settled(node("n1", DEAD));
    for (int i = 0; i < 20; i++) {
      now += CLEAR / 2;
      look(i % 2 == 0 ? node("n1") : node("n1", DEAD));
    }
    assertThat(stages()).containsExactly(Stage.DONE);
  }

  @Test
  void nothingIsDoneAboutAVerdictThatClearedBefore() {
    policy = policy(Mode.ACT, Action.REBOOT_REQUEST, WIDE);
    settled(node("n1", DEAD));
    assertThat(act().stage()).isEqualTo(Stage.WAITING);
    now += SECOND;
    look(node("n1"));
    assertThat(act().stage()).isEqualTo(Stage.LAPSED);
    now += 1_000 * SECOND;
    look(node("n1"));
    assertThat(stages()).containsExactly(Stage.LAPSED);
  }

  @Test
  void aRequestWaitsForEvidenceAndGoesOnWithoutItAfterTwoMinutes() {
    policy = policy(Mode.ACT, Action.REBOOT_REQUEST, WIDE);
    settled(node("n1", DEAD));
    assertThat(act().why()).contains("evidence is waited for");
    now += Policy.EVIDENCE_MS - 1;
    look(node("n1", DEAD));
    assertThat(act().stage()).isEqualTo(Stage.WAITING);
    now += 1;
    look(node("n1", DEAD));
    assertThat(act().stands()).isTrue();
    assertThat(act().evidence()).isEqualTo("missing: this collector captures none");
  }

  @Test
  void aRequestGoesOnAtOnceWhereEvidenceIsReady() {
    policy = policy(Mode.ACT, Action.REPLACE_REQUEST, WIDE);
    evidence =
        new EvidenceSource() {
          @Override
          public void want(String node, String why, long sinceMs) {}

          @Override
          public Readiness ready(String node, long sinceMs) {
            return new Readiness.Ready("bundle 7");
          }
        };
    settled(node("n1", DEAD));
    assertThat(act().stands()).isTrue();
    assertThat(act().evidence()).isEqualTo("bundle 7");
  }

  @Test
  void whatTheSiteSaysNothingAboutIsADryRun() {
    policy = new Policy(Map.of(), Map.of(), SETTLE, CLEAR, 0, 0, WIDE);
    settled(node("n1", DEAD));
    assertThat(act().stage()).isEqualTo(Stage.DONE);
    assertThat(act().dry()).isTrue();
    assertThat(act().action()).isEqualTo(Action.REBOOT_REQUEST);
    assertThat(act().stands()).isFalse();
  }

  @Test
  void aRuleThatIsTurnedOnActsOnAVerdictThatStands() {
    policy = policy(Mode.DRY_RUN, Action.DRAIN, WIDE);
    settled(node("n1", DEAD));
    assertThat(act().dry()).isTrue();
    policy = policy(Mode.ACT, Action.DRAIN, WIDE);
    now += SECOND;
    look(node("n1", DEAD));
    assertThat(stages()).containsExactly(Stage.CLOSED, Stage.DONE);
    assertThat(act().stands()).isTrue();
  }

  @Test
  void aRuleThatIsOnlyObservedHasNoAct() {
    policy = policy(Mode.OBSERVE, Action.DRAIN, WIDE);
    settled(node("n1", DEAD));
    assertThat(operations.acts()).isEmpty();
  }

  @Test
  void ofANodeThatIsNotHeardNothingClearsAndNothingBegins() {
    settled(node("n1", DEAD));
    Sighting silent = new Sighting("n1", false, true, List.of(SILENT));
    now += 10 * CLEAR;
    look(silent);
    now += 10 * CLEAR;
    look(silent);
    assertThat(act().stands()).isTrue();
    now += SECOND;
    look(); // not even known, as after a restart
    assertThat(act().stands()).isTrue();
    now += SECOND;
    look(node("n1"));
    now += CLEAR - 1;
    look(node("n1"));
    assertThat(act().stands()).isTrue(); // the time counts from when it was heard again
  }

  @Test
  void thatANodeIsSilentIsNothingToActOn() {
    policy = new Policy(Map.of(), Map.of(Advice.INSPECT, ACT), SETTLE, CLEAR, 0, 0, WIDE);
    settled(new Sighting("n1", false, true, List.of(SILENT, DEAD)));
    assertThat(operations.acts()).isEmpty();
    policy = policy(Mode.ACT, Action.DRAIN, WIDE);
    look(node("n1", DEAD));
    now += SETTLE;
    look(new Sighting("n1", false, true, List.of(DEAD))); // as it was told before
    assertThat(act().stage()).isEqualTo(Stage.WAITING);
    assertThat(act().why()).isEqualTo("the node is not heard");
  }

  @Test
  void anActKnowsWhetherItsCauseIsSeen() {
    settled(node("n1", DEAD));
    assertThat(act().holds()).isTrue();
    look(new Sighting("n1", false, true, List.of(DEAD)));
    assertThat(act().holds()).isFalse();
    look(node("n1", DEAD));
    assertThat(act().holds()).isTrue();
    look(node("n1"));
    assertThat(act().holds()).isFalse();
    assertThat(OperationsJson.act(OperationsJson.of(act().holding(true))).holds()).isFalse();
  }

  @Test
  void theTimeForEvidenceBeginsWhenNothingElseKeepsAnAct() {
    policy = policy(Mode.ACT, Action.REBOOT_REQUEST, WIDE);
    paused = Optional.of("the clock jumped");
    settled(node("n1", DEAD));
    now += 10 * Policy.EVIDENCE_MS;
    look(node("n1", DEAD));
    assertThat(act().dueMs()).isEmpty();
    paused = Optional.empty();
    look(node("n1", DEAD));
    assertThat(act().why()).contains("evidence is waited for, 2 min longer");
    now += Policy.EVIDENCE_MS;
    look(node("n1", DEAD));
    assertThat(act().stands()).isTrue();
  }

  @Test
  void whatIsInMaintenanceIsOutForItsRackAndNotForTheFleet() {
    places = RackMap.of(List.of("node,rack", "n1,r1", "n2,r1", "n3,r2"))::place;
    policy =
        policy(
            Mode.ACT,
            Action.CORDON,
            new Limits(
                1,
                0.34, // one of three
                OptionalInt.empty(),
                new Limit(OptionalInt.empty(), OptionalInt.empty()),
                new Limit(OptionalInt.of(1), OptionalInt.empty()),
                new Limit(OptionalInt.empty(), OptionalInt.empty())));
    operations =
        operations.with(
            new Window(
                "m1",
                new Area(Area.Kind.NODE, "n1"),
                "ops",
                "pumps",
                now + 3_600 * SECOND,
                now + 7_200 * SECOND,
                OptionalLong.of(3_600 * SECOND), // it is being drained already
                "anna",
                OptionalLong.empty()));
    settled(node("n1"), node("n2", DEAD), node("n3", DEAD));
    assertThat(stages()).containsExactly(Stage.WAITING, Stage.DONE);
    assertThat(List.copyOf(operations.acts().values()).getFirst().why())
        .isEqualTo("a limit is reached: 1 of at most 1 nodes of rack r1 are out at once");
  }

  @Test
  void aDeviceOfRealHardwareIsNotReset() {
    policy = policy(Mode.ACT, Action.RESET_DEVICE, WIDE);
    settled(new Sighting("n1", true, false, List.of(DEAD)));
    assertThat(act().stage()).isEqualTo(Stage.REFUSED);
    assertThat(act().why()).contains("simulated hardware alone");
  }

  @Test
  void aPersonAndMaintenanceAndAnOverrideAndAJumpOfTheClockKeepPolicyAway() {
    Order order = new Order("n1", Order.Kind.CORDON, "anna", "mine", now, OptionalLong.empty());
    operations = operations.with(order);
    settled(node("n1", DEAD));
    assertThat(act().why()).contains("anna has it in hand");
    operations = operations.withoutOrder("n1");
    Window window =
        new Window(
            "m1",
            new Area(Area.Kind.NODE, "n1"),
            "ops",
            "pumps",
            now - 1,
            now + 60 * SECOND,
            OptionalLong.empty(),
            "anna",
            OptionalLong.empty());
    operations = operations.with(window);
    look(node("n1", DEAD));
    assertThat(act().why()).contains("maintenance m1");
    operations = operations.with(window.ended(now));
    paused = Optional.of("the clock jumped");
    look(node("n1", DEAD));
    assertThat(act().why()).isEqualTo("the clock jumped");
    paused = Optional.empty();
    operations =
        operations.with(
            new ManualOverride(
                "o1",
                "n1",
                Optional.of("xid-reboot"),
                now,
                now + 5 * SECOND,
                "known",
                "anna",
                OptionalLong.empty()));
    look(node("n1", DEAD));
    assertThat(act().stage()).isEqualTo(Stage.CLOSED);
    now += 5 * SECOND; // it has ended by itself
    settled(node("n1", DEAD));
    assertThat(act().stands()).isTrue();
  }

  @Test
  void anOverrideTakesBackWhatStands() {
    settled(node("n1", DEAD));
    operations =
        operations.with(
            new ManualOverride(
                "o1",
                "n1",
                Optional.empty(),
                now,
                now + CLEAR,
                "no",
                "anna",
                OptionalLong.empty()));
    look(node("n1", DEAD));
    assertThat(act().stage()).isEqualTo(Stage.LIFTED);
  }

  @Test
  void twoRulesThatAskForTheSameAreDoneOnce() {
    Finding other = new Finding(Optional.of("GPU-2"), "xid-link", Advice.DRAIN, "Xid 145");
    policy =
        new Policy(
            Map.of("xid-reboot", new Rule(Mode.ACT, Action.DRAIN)),
            Map.of(Advice.DRAIN, new Rule(Mode.ACT, Action.DRAIN)),
            SETTLE,
            CLEAR,
            0,
            0,
            WIDE);
    settled(node("n1", DEAD, other));
    assertThat(stages()).containsExactlyInAnyOrder(Stage.DONE, Stage.WAITING);
    assertThat(act().why()).isEqualTo("act 1 does the same already");
  }

  @Test
  void aLimitSaysWhichOneItIs() {
    places = RackMap.of(List.of("node,rack", "n1,r1", "n2,r1", "n3,r2"))::place;
    policy =
        policy(
            Mode.ACT,
            Action.CORDON,
            new Limits(
                1,
                1,
                OptionalInt.empty(),
                new Limit(OptionalInt.empty(), OptionalInt.empty()),
                new Limit(OptionalInt.of(1), OptionalInt.empty()),
                new Limit(OptionalInt.empty(), OptionalInt.empty())));
    settled(node("n1", DEAD), node("n2", DEAD), node("n3", DEAD));
    assertThat(stages()).containsExactly(Stage.DONE, Stage.WAITING, Stage.DONE);
    assertThat(List.copyOf(operations.acts().values()).get(1).why())
        .isEqualTo("a limit is reached: 1 of at most 1 nodes of rack r1 are out at once");
  }

  // ---- storms

  /** Random verdicts, silences, people and files: no limit is ever broken by an act of policy. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void noLimitIsBrokenByWhateverStorm(long seed) {
    Random random = new Random(seed);
    List<String> names = new ArrayList<>();
    List<String> lines = new ArrayList<>(List.of("node,rack,feed,domain"));
    for (int i = 0; i < 40; i++) {
      String name = "n" + i;
      names.add(name);
      lines.add("%s,r%d,f%d,d%d".formatted(name, i / 8, i % 2, i / 4));
    }
    places = RackMap.of(lines)::place;
    Limits limits =
        new Limits(
            2,
            0.2,
            OptionalInt.of(9),
            new Limit(OptionalInt.of(1), OptionalInt.of(2)),
            new Limit(OptionalInt.of(2), OptionalInt.of(4)),
            new Limit(OptionalInt.of(5), OptionalInt.of(8)));
    Set<String> sick = new HashSet<>();
    for (int step = 0; step < 300; step++) {
      now += (1 + random.nextInt(90)) * SECOND;
      policy =
          policy(
              random.nextInt(10) == 0 ? Mode.DRY_RUN : Mode.ACT,
              random.nextBoolean() ? Action.CORDON : Action.DRAIN,
              limits);
      for (String name : names) {
        if (random.nextInt(12) == 0 && !sick.remove(name)) {
          sick.add(name);
        }
      }
      people(random, names);
      List<Sighting> fleet = new ArrayList<>();
      for (String name : names) {
        boolean heard = random.nextInt(15) != 0;
        fleet.add(new Sighting(name, heard, true, sick.contains(name) ? List.of(DEAD) : List.of()));
      }
      Operations before = operations;
      look(fleet.toArray(Sighting[]::new));
      requireWithin(
          limits.fleetAtOnce(names.size()), before, sick, "seed %d step %d".formatted(seed, step));
    }
    assertThat(operations.acts().values().stream().filter(act -> act.doneMs().isPresent()))
        .as("seed %d: nothing was ever done, so nothing was tested", seed)
        .hasSizeGreaterThan(8);
  }

  private void people(Random random, List<String> names) {
    String name = names.get(random.nextInt(names.size()));
    if (random.nextInt(20) == 0) {
      operations =
          operations.with(
              new Order(name, Order.Kind.CORDON, "anna", "x", now, OptionalLong.empty()));
    } else if (random.nextInt(8) == 0) {
      List.copyOf(operations.orders().keySet())
          .forEach(node -> operations = operations.withoutOrder(node));
    }
  }

  private void requireWithin(int atOnce, Operations before, Set<String> sick, String where) {
    Set<String> out = new HashSet<>(operations.orders().keySet());
    operations.acts().values().stream().filter(Act::stands).forEach(act -> out.add(act.node()));
    for (Act act : operations.acts().values()) {
      Act then = before.acts().get(act.id());
      if (!act.stands() || (then != null && then.stands())) {
        continue;
      }
      String node = act.node();
      Place mine = places.apply(node);
      assertThat(sick).as("%s: no act after clear", where).contains(node);
      assertThat(operations.orders()).as("%s: a person has it", where).doesNotContainKey(node);
      assertThat(out.size()).as(where).isLessThanOrEqualTo(atOnce);
      assertThat(count(out, n -> places.apply(n).domain().equals(mine.domain())))
          .as(where)
          .isLessThanOrEqualTo(1);
      assertThat(count(out, n -> places.apply(n).rack().equals(mine.rack())))
          .as(where)
          .isLessThanOrEqualTo(2);
      assertThat(count(out, n -> places.apply(n).feed().equals(mine.feed())))
          .as(where)
          .isLessThanOrEqualTo(5);
      assertThat(acts(n -> true)).as(where).isLessThanOrEqualTo(9);
      assertThat(acts(n -> n.equals(node))).as(where).isLessThanOrEqualTo(2);
      assertThat(acts(n -> places.apply(n).domain().equals(mine.domain())))
          .as(where)
          .isLessThanOrEqualTo(2);
      assertThat(acts(n -> places.apply(n).rack().equals(mine.rack())))
          .as(where)
          .isLessThanOrEqualTo(4);
      assertThat(acts(n -> places.apply(n).feed().equals(mine.feed())))
          .as(where)
          .isLessThanOrEqualTo(8);
    }
  }

  private static long count(Set<String> nodes, Function<String, Boolean> which) {
    return nodes.stream().filter(which::apply).count();
  }

  /** Of the last hour, real ones. */
  private long acts(Function<String, Boolean> which) {
    return new TreeMap<>(operations.acts())
        .values().stream()
            .filter(act -> !act.dry() && act.doneMs().isPresent())
            .filter(act -> now - act.doneMs().getAsLong() < 3_600 * SECOND)
            .filter(act -> which.apply(act.node()))
            .count();
  }
}
