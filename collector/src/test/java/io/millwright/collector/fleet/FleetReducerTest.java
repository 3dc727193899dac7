package io.millwright.collector.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.health.Advice;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.health.Judgement;
import io.millwright.protocol.vocabulary.health.Scope;
import io.millwright.protocol.vocabulary.health.Subject;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What facts make of the fleet. */
class FleetReducerTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private static final Sample SAMPLE = new Readings(SeriesTable.builder().build()).sample();

  private static Fact connected(long session, long seconds) {
    return new Fact.Connected("n1", session, "1.0", seconds * SECOND, seconds * 1000);
  }

  private static Fact sampled(long session, long seconds, boolean up) {
    return sampled(session, seconds, up, "GPU-0");
  }

  private static Fact sampled(long session, long seconds, boolean up, String uuid) {
    return sampled(session, seconds, up, uuid, Optional.empty());
  }

  private static Fact sampled(long session, long seconds, Verdict told) {
    return sampled(session, seconds, true, "GPU-0", Optional.of(told));
  }

  private static Fact sampled(
      long session, long seconds, boolean up, String uuid, Optional<Verdict> told) {
    return new Fact.Sampled(
        "n1",
        session,
        seconds * SECOND,
        seconds * 1000,
        7,
        SAMPLE,
        told,
        List.of(device("0", uuid, up, told)));
  }

  private static AcceleratorState device(
      String index, String uuid, boolean up, Optional<Verdict> told) {
    return new AcceleratorState(
        index,
        uuid,
        "nvidia",
        "B200",
        true,
        up,
        false,
        told,
        up ? Optional.empty() : Optional.of("nvmlX"),
        DeviceReadings.NONE);
  }

  /** A device, and an instance of it, which is as its device. */
  private static Fact divided(long seconds, boolean up) {
    return divided(seconds, up, up ? Verdict.OK : Verdict.UNKNOWN);
  }

  private static Fact divided(long seconds, boolean up, Verdict instance) {
    return new Fact.Sampled(
        "n1",
        1,
        seconds * SECOND,
        seconds * 1000,
        7,
        SAMPLE,
        Optional.empty(),
        List.of(
            device("0", "GPU-0", up, Optional.of(up ? Verdict.OK : Verdict.UNKNOWN)),
            device("0:gi1", "MIG-1", up, Optional.of(instance))));
  }

  private static FleetState after(Fact... facts) {
    return FleetReducer.apply(FleetState.EMPTY, List.of(facts));
  }

  private static List<String> kinds(FleetState fleet) {
    return fleet.events().stream().map(FleetEvent::kind).toList();
  }

  @Test
  void aSessionAndItsSampleAreANode() {
    NodeState node = after(connected(1, 1), sampled(1, 2, true)).node("n1").orElseThrow();
    assertThat(node.clockOffsetMs()).isEqualTo(7);
    assertThat(node.accelerators()).hasSize(1);
    assertThat(node.simulated()).isTrue();
    assertThat(node.link(3 * SECOND)).isEqualTo(Link.CONNECTED);
    assertThat(node.link(8 * SECOND)).isEqualTo(Link.STALE);
    assertThat(node.link(32 * SECOND)).isEqualTo(Link.LOST);
  }

  @Test
  void aSampleOfAnOlderSessionIsNone() {
    FleetState fleet = after(connected(1, 1), connected(2, 2), sampled(1, 3, true));
    assertThat(fleet.node("n1").orElseThrow().accelerators()).isEmpty();
    assertThat(after(sampled(1, 1, true)).nodes()).isEmpty();
  }

  @Test
  void aNewSessionMakesOldReadingsNoNewer() {
    FleetState fleet = after(connected(1, 1), sampled(1, 2, true), connected(2, 60));
    assertThat(fleet.node("n1").orElseThrow().link(60 * SECOND)).isEqualTo(Link.LOST);
    FleetState told = FleetReducer.apply(fleet, List.of(sampled(2, 61, true)));
    assertThat(told.node("n1").orElseThrow().link(61 * SECOND)).isEqualTo(Link.CONNECTED);
  }

  @Test
  void theEndOfAnOlderSessionEndsNothing() {
    Fact end = new Fact.Disconnected("n1", 1, 3 * SECOND, 3000, "gone");
    assertThat(after(connected(1, 1), connected(2, 2), end).node("n1").orElseThrow().session())
        .isEqualTo(2);
    FleetState ended = after(connected(1, 1), sampled(1, 2, true), end);
    assertThat(ended.node("n1").orElseThrow().link(3 * SECOND)).isEqualTo(Link.STALE);
    assertThat(ended.node("n1").orElseThrow().accelerators()).hasSize(1);
    assertThat(kinds(ended)).containsExactly("node-connected", "node-disconnected");
  }

  @Test
  void aDeviceThatTurnsIsAnEvent() {
    FleetState fleet =
        after(
            connected(1, 1),
            sampled(1, 2, true),
            sampled(1, 3, false),
            sampled(1, 4, false),
            sampled(1, 5, true));
    assertThat(kinds(fleet))
        .containsExactly("node-connected", "accelerator-down", "accelerator-up");
    assertThat(fleet.events().get(1).message())
        .isEqualTo("GPU-0 does not answer: nvmlX does not return.");
    assertThat(fleet.events()).extracting(FleetEvent::sequence).containsExactly(1L, 2L, 3L);
  }

  @Test
  void whatHappensToADividedDeviceIsToldOnce() {
    FleetState fleet =
        after(connected(1, 1), divided(2, true), divided(3, false), divided(4, true));
    assertThat(kinds(fleet))
        .containsExactly(
            "node-connected",
            "accelerator-down",
            "verdict-changed",
            "accelerator-up",
            "verdict-changed");
    assertThat(kinds(after(connected(1, 1), divided(2, true), sampled(1, 3, true))))
        .as("the device is whole again")
        .containsExactly("node-connected");
    assertThat(kinds(after(connected(1, 1), divided(2, true), divided(3, true, Verdict.FAILED))))
        .as("an instance of its own")
        .containsExactly("node-connected", "verdict-changed");
  }

  @Test
  void aDeviceThatIsNotToldOfAnyMoreIsAnEvent() {
    Fact none = new Fact.Sampled("n1", 1, 3 * SECOND, 3000, 0, SAMPLE, Optional.empty(), List.of());
    assertThat(kinds(after(connected(1, 1), sampled(1, 2, true), none)))
        .as("an agent that has just begun")
        .containsExactly("node-connected");
    Fact another = sampled(1, 3, true, "GPU-9");
    assertThat(kinds(after(connected(1, 1), sampled(1, 2, true), another, another)))
        .containsExactly("node-connected", "accelerator-gone");
  }

  // ---- verdicts

  private static Evidence evidence(Verdict verdict, boolean observeOnly, String observed) {
    return new Evidence(
        observeOnly ? "hunch" : "ecc",
        3,
        verdict,
        Advice.REPLACE,
        Scope.DEVICE,
        observed,
        1,
        "a reset",
        Optional.empty(),
        observeOnly);
  }

  private static Fact judged(long session, Subject subject, Verdict verdict, Evidence... why) {
    HealthReport report =
        new HealthReport(1, List.of(new Judgement(subject, verdict, List.of(why))));
    return new Fact.Judged("n1", 1000, Findings.of(session, report));
  }

  private static Fact judgedDevice(long session, Verdict verdict, Evidence... why) {
    return judged(session, new Subject.Device("0", "GPU-0"), verdict, why);
  }

  private static List<String> turns(FleetState fleet) {
    return fleet.events().stream()
        .filter(event -> event.kind().equals("verdict-changed"))
        .map(event -> event.subject() + ": " + event.message())
        .toList();
  }

  @ParameterizedTest
  @CsvSource({
    "ok, ok, ''",
    "failed, failed, ''",
    "ok, degraded, 'Was ok, is degraded by ecc version 3: 7 errors; advice: replace.'",
    "ok, failed, 'Was ok, is failed by ecc version 3: 7 errors; advice: replace.'",
    "degraded, failed, 'Was degraded, is failed by ecc version 3: 7 errors; advice: replace.'",
    "failed, unknown, 'Was failed, is unknown by ecc version 3: 7 errors; advice: replace.'",
    "failed, ok, 'Was failed, is ok.'",
    "unknown, ok, 'Was unknown, is ok.'",
  })
  void aVerdictThatChangesIsAnEvent(String before, String after, String message) {
    Verdict was = Verdict.ofWord(before).orElseThrow();
    Verdict is = Verdict.ofWord(after).orElseThrow();
    FleetState known = after(connected(1, 1), sampled(1, 2, was));
    FleetState told =
        FleetReducer.apply(
            new FleetState(known.nodes(), List.of()),
            List.of(
                judgedDevice(
                    1, is, evidence(is, true, "a hunch"), evidence(is, false, "7 errors.")),
                sampled(1, 3, is)));
    assertThat(turns(told))
        .isEqualTo(message.isEmpty() ? List.of() : List.of("n1 accelerator 0: " + message));
  }

  @Test
  void theFirstVerdictIsAnEventUnlessItIsGood() {
    assertThat(turns(after(connected(1, 1), sampled(1, 2, Verdict.OK)))).isEmpty();
    assertThat(turns(after(connected(1, 1), sampled(1, 2, Verdict.FAILED))))
        .containsExactly("n1 accelerator 0: Is failed; its agent tells no evidence.");
    assertThat(turns(after(connected(1, 1), sampled(1, 2, true), sampled(1, 3, false))))
        .as("an agent that judges nothing")
        .isEmpty();
  }

  @Test
  void theNodesOwnVerdictIsAnEventOfTheNode() {
    Subject node = new Subject.Node();
    Fact failed = judged(1, node, Verdict.FAILED, evidence(Verdict.FAILED, false, "/ is full"));
    assertThat(
            turns(
                after(
                    connected(1, 1),
                    judged(1, node, Verdict.OK),
                    failed,
                    failed,
                    judged(1, node, Verdict.OK))))
        .containsExactly(
            "n1: Was ok, is failed by ecc version 3: / is full; advice: replace.",
            "n1: Was failed, is ok.");
  }

  @Test
  void whatAnotherSessionJudgedIsNoEvidenceForThisOne() {
    Evidence why = evidence(Verdict.FAILED, false, "7 errors");
    FleetState fleet =
        after(
            connected(1, 1),
            judgedDevice(1, Verdict.FAILED, why),
            sampled(1, 2, Verdict.FAILED),
            connected(2, 3));
    AcceleratorState device = fleet.node("n1").orElseThrow().accelerators().getFirst();
    assertThat(fleet.node("n1").orElseThrow().evidence(device, 3 * SECOND))
        .as("until the new session tells something")
        .containsExactly(why);
    FleetState told =
        FleetReducer.apply(
            fleet, List.of(judgedDevice(1, Verdict.OK), sampled(2, 4, Verdict.FAILED)));
    assertThat(told.node("n1").orElseThrow().findings()).isEqualTo(Findings.NONE);
    assertThat(after(judgedDevice(1, Verdict.FAILED, why)).nodes()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "ok, ok, ok",
    "ok, failed, failed",
    "degraded, ok, degraded",
    "degraded, unknown, unknown",
    "unknown, failed, failed",
    "'', ok, unknown",
    "ok, '', unknown",
  })
  void aNodeIsAsItsWorstPart(String node, String device, String whole) {
    Fact.Sampled sampled = (Fact.Sampled) sampled(1, 2, true, "GPU-0", Verdict.ofWord(device));
    Fact.Sampled told =
        new Fact.Sampled(
            "n1", 1, sampled.atNanos(), 1, 0, SAMPLE, Verdict.ofWord(node), sampled.accelerators());
    NodeState state = after(connected(1, 1), told).node("n1").orElseThrow();
    assertThat(state.verdict(3 * SECOND).word()).isEqualTo(whole);
    assertThat(state.verdict(8 * SECOND)).as("silent").isEqualTo(Verdict.UNKNOWN);
  }

  @Test
  void aNodeThatFallsSilentIsUnknownAndSaysSoOnce() {
    LinkWatch watch = new LinkWatch();
    FleetState fleet = after(connected(1, 1), sampled(1, 2, Verdict.OK));
    fleet = with(fleet, Verdict.OK);
    fleet = watch.looked(fleet, 3 * SECOND, 3000);
    assertThat(turns(fleet)).isEmpty();
    for (long second = 4; second < 40; second++) {
      fleet = watch.looked(fleet, second * SECOND, second * 1000);
    }
    assertThat(turns(fleet))
        .containsExactly(
            "n1: Was ok, is unknown by agent-silent version 1: nothing was heard of it since 5 s; advice: inspect.");
    assertThat(kinds(fleet)).containsExactly("node-connected", "verdict-changed", "node-lost");
    fleet = with(FleetReducer.apply(fleet, List.of(sampled(1, 50, Verdict.OK))), Verdict.OK);
    fleet = watch.looked(fleet, 50 * SECOND, 50_000);
    assertThat(turns(fleet)).hasSize(2).last().isEqualTo("n1: Was unknown, is ok.");
  }

  @Test
  void aWholeFleetThatFallsSilentIsNumberedInItsOrder() {
    List<Fact> facts = new ArrayList<>();
    int nodes = FleetState.MOST_EVENTS + 200;
    for (int i = 0; i < nodes; i++) {
      facts.add(new Fact.Connected("n" + i, i + 1, "1.0", SECOND, 1000));
    }
    LinkWatch watch = new LinkWatch();
    FleetState fleet = watch.looked(FleetReducer.apply(FleetState.EMPTY, facts), SECOND, 1000);
    FleetState lost = watch.looked(fleet, 60 * SECOND, 60_000);
    assertThat(lost.events())
        .as("no agent judged, so that no verdict changes")
        .hasSize(FleetState.MOST_EVENTS)
        .allMatch(event -> event.kind().equals("node-lost"));
    assertThat(lost.events().getLast().sequence()).isEqualTo(2L * nodes);
    assertThat(lost.events().getFirst().sequence())
        .isEqualTo(2L * nodes - FleetState.MOST_EVENTS + 1);
  }

  /** As if the last sample had told this of the node. */
  private static FleetState with(FleetState fleet, Verdict told) {
    NodeState node = fleet.node("n1").orElseThrow();
    Fact sampled =
        new Fact.Sampled(
            "n1",
            node.session(),
            node.arrivedNanos(),
            node.arrivedWallMs(),
            0,
            node.sample(),
            Optional.of(told),
            node.accelerators());
    return FleetReducer.apply(fleet, List.of(sampled));
  }

  @Test
  void whatIsJudgedTwiceIsRefused() {
    Judgement device = new Judgement(new Subject.Device("0", "GPU-0"), Verdict.OK, List.of());
    Judgement node = new Judgement(new Subject.Node(), Verdict.OK, List.of());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Findings.of(1, new HealthReport(1, List.of(device, node, device))))
        .withMessage("judgements: a device is judged twice; allowed is once");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Findings.of(1, new HealthReport(1, List.of(node, node))))
        .withMessageContaining("the node is judged twice");
  }

  @Test
  void oldEventsAreLetGoOf() {
    FleetState fleet = FleetState.EMPTY;
    for (int i = 0; i < FleetState.MOST_EVENTS + 5; i++) {
      fleet = fleet.with(i, "kind", "subject", "message");
    }
    assertThat(fleet.events()).hasSize(FleetState.MOST_EVENTS);
    assertThat(fleet.events().getLast().sequence()).isEqualTo(FleetState.MOST_EVENTS + 5);
  }
}
