package io.millwright.collector.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.millwright.collector.audit.AuditDraft;
import io.millwright.collector.audit.AuditLog;
import io.millwright.collector.fleet.AcceleratorState;
import io.millwright.collector.fleet.Fact;
import io.millwright.collector.fleet.Findings;
import io.millwright.collector.fleet.FleetReducer;
import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.fleet.Link;
import io.millwright.collector.jobs.Granting;
import io.millwright.collector.jobs.JobBook;
import io.millwright.collector.jobs.Run;
import io.millwright.collector.placement.Share;
import io.millwright.collector.racks.RackMap;
import io.millwright.collector.store.MemoryStore;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.health.Advice;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.Judgement;
import io.millwright.protocol.vocabulary.health.Scope;
import io.millwright.protocol.vocabulary.health.Subject;
import io.millwright.protocol.vocabulary.health.Verdict;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.DeviceRequest;
import io.millwright.protocol.vocabulary.job.DeviceSet;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The desk over a store that outlives it, by a clock that the test moves. */
@SuppressWarnings("NullAway.Init") // set before each test
class OperationsDeskTest {
  private static final long HOUR = 3_600_000;

  @TempDir private Path directory;
  private final HandClock clock = new HandClock();
  private final MemoryStore.Disk disk = new MemoryStore.Disk();
  private final RackMap racks = RackMap.of(List.of("node,rack", "n1,r1", "n2,r1", "n3,r2"));
  private Path policy;
  private AuditLog audit;
  private OperationsDesk desk;
  private JobBook book;
  private final List<String> wanted = new ArrayList<>();
  private List<String> speaking = List.of("xid-reboot");
  private final EvidenceSource evidence =
      new EvidenceSource() {
        @Override
        public void want(String node, String why, long sinceMs) {
          wanted.add(node);
        }

        @Override
        public Readiness ready(String node, long sinceMs) {
          return new Readiness.Missing("none is there");
        }
      };
  private FleetState fleet = FleetState.EMPTY;

  private static final class HandClock implements Clock {
    private long ms = 1_700_000_000_000L;
    private long nanos = 1;

    @Override
    public long nanos() {
      return nanos;
    }

    @Override
    public Instant wall() {
      return Instant.ofEpochMilli(ms);
    }

    @Override
    public void parkUntil(long until) {}

    private void pass(Duration time) {
      ms += time.toMillis();
      nanos += time.toNanos();
    }
  }

  @BeforeEach
  void begin() throws IOException {
    policy = directory.resolve("policy.yaml");
    Files.writeString(
        policy,
        "rules: {xid-reboot: {mode: act, action: cordon}}\nsettle: 5s\nclear: 60s\nlimits: {fleet: {share: 1}, rack: {at_once: 9, per_hour: 99}, node: {per_hour: 99}}\n");
    open();
  }

  @Test
  void thereIsRoomForWhatIsInServiceWithinTheLimits() throws IOException {
    Files.writeString(policy, "limits: {fleet: {share: 1}, rack: {at_once: 1}}\n");
    open();
    for (String node : List.of("n1", "n2", "n3")) {
      report(node, false);
    }
    desk.turn(fleet);
    List<String> all = List.of("n1", "n2", "n3");
    assertThat(desk.room(all, Set.of(), 3)).as("one of a rack").containsExactly("n1", "n3");
    assertThat(desk.room(List.of("n1", "n3"), Set.of("n2"), 3)).containsExactly("n3");
    assertThat(desk.cordon(fleet, "n3", "anna", "a fan")).isInstanceOf(Ruling.Done.class);
    assertThat(desk.room(all, Set.of(), 3)).containsExactly("n1");
    desk.open(
        fleet,
        new Area(Area.Kind.RACK, "r1"),
        "bob",
        "pumps",
        OptionalLong.empty(),
        clock.ms + HOUR,
        OptionalLong.empty(),
        "bob");
    assertThat(desk.room(all, Set.of(), 3)).as("in a window").isEmpty();
  }

  @Test
  void whileTheClockHasJumpedThereIsNoRoom() {
    report("n1", false);
    desk.turn(fleet);
    assertThat(desk.room(List.of("n1"), Set.of(), 1)).containsExactly("n1");
    clock.ms += HOUR;
    clock.nanos += Duration.ofSeconds(2).toNanos();
    desk.turn(fleet);
    assertThat(desk.room(List.of("n1"), Set.of(), 1)).isEmpty();
  }

  /** As a collector does that was killed. */
  private void open() {
    MemoryStore store = MemoryStore.open(disk);
    audit = AuditLog.open(store, clock);
    book = JobBook.open(store, clock);
    desk =
        OperationsDesk.open(
            store,
            audit,
            book,
            PolicyFile.open(policy, List.of("xid-reboot")),
            racks::place,
            evidence,
            clock);
  }

  private void report(String node, boolean sick) {
    List<Evidence> why = speaking.stream().map(this::evidence).toList();
    Sample sample = new Readings(SeriesTable.builder().build()).sample();
    Judgement own =
        new Judgement(
            new Subject.Node(), sick ? Verdict.FAILED : Verdict.OK, sick ? why : List.of());
    Findings findings = new Findings(1, Optional.of(own), Map.of());
    fleet =
        FleetReducer.apply(
            fleet,
            List.of(
                new Fact.Connected(node, 1, "1", clock.nanos, clock.ms),
                new Fact.Judged(node, clock.ms, findings),
                new Fact.Sampled(
                    node,
                    1,
                    clock.nanos,
                    clock.ms,
                    0,
                    sample,
                    Optional.of(Verdict.OK),
                    List.<AcceleratorState>of())));
  }

  private Evidence evidence(String rule) {
    return new Evidence(
        rule,
        1,
        Verdict.FAILED,
        Advice.REBOOT_NODE,
        Scope.NODE,
        "Xid 79",
        clock.ms,
        "a boot",
        Optional.empty(),
        false);
  }

  private void turn(boolean sick) {
    clock.pass(Duration.ofSeconds(2));
    report("n1", sick);
    report("n2", false);
    report("n3", false);
    desk.turn(fleet);
  }

  private void turns(int count, boolean sick) {
    for (int i = 0; i < count; i++) {
      turn(sick);
    }
  }

  private NodeMark.State state(String node) {
    return desk.board().mark(node).state();
  }

  private <T> T done(Ruling<T> ruling) {
    return switch (ruling) {
      case Ruling.Done<T>(T value) -> value;
      case Ruling.Refused<T>(String sentence) -> throw new AssertionError(sentence);
      case Ruling.Unknown<T>(String sentence) -> throw new AssertionError(sentence);
    };
  }

  @Test
  void whatPeopleWantOutlivesTheCollectorAndIsWrittenDown() {
    turn(false);
    done(desk.cordon(fleet, "n1", "anna", "new pumps"));
    done(desk.drain(fleet, "n2", "bob", "old disk", OptionalLong.of(HOUR)));
    open();
    turn(false);
    assertThat(state("n1")).isEqualTo(NodeMark.State.CORDONED);
    assertThat(desk.board().mark("n1").words()).isEqualTo("cordoned: anna, new pumps");
    assertThat(state("n2")).isEqualTo(NodeMark.State.DRAINED); // it has no run
    assertThat(desk.board().mark("n2").reasons().getFirst().deadlineMs()).isPresent();
    done(desk.uncordon(fleet, "n1", "carl", "pumps are in"));
    assertThat(audit.entries(0, 10))
        .extracting(entry ->
            entry.draft().by() + " " + entry.draft().what() + " " + entry.draft().subject())
        .containsExactly("anna node.cordon n1", "bob node.drain n2", "carl node.uncordon n1");
    assertThat(audit.entries(2, 10).getFirst().draft().before())
        .isEqualTo("cordon by anna: new pumps");
    assertThat(state("n1")).isEqualTo(NodeMark.State.IN_SERVICE);
  }

  @Test
  void aWindowBeginsAndEndsByItselfAlsoWhileNoCollectorRuns() {
    turn(false);
    long start = clock.ms + HOUR;
    Window window =
        done(
            desk.open(
                fleet,
                new Area(Area.Kind.RACK, "r1"),
                "ops",
                "pumps",
                OptionalLong.of(start),
                start + HOUR,
                OptionalLong.of(HOUR / 2),
                "anna"));
    turn(false);
    assertThat(state("n1")).isEqualTo(NodeMark.State.IN_SERVICE);
    assertThat(desk.board().mark("n1").closing().orElseThrow().window()).isEqualTo(window);
    assertThat(desk.suppressed("n1", clock.ms)).isFalse();
    clock.pass(Duration.ofMinutes(31));
    turn(false);
    assertThat(state("n1")).isEqualTo(NodeMark.State.DRAINED);
    assertThat(desk.suppressed("n1", clock.ms)).isFalse();
    clock.pass(Duration.ofMinutes(30));
    open();
    turn(false);
    assertThat(desk.suppressed("n1", clock.ms)).isTrue();
    assertThat(desk.suppressed("n2", clock.ms)).isTrue();
    assertThat(desk.suppressed("n3", clock.ms)).isFalse();
    assertThat(desk.uncordon(fleet, "n1", "anna", "now")).isInstanceOf(Ruling.Refused.class);
    clock.pass(Duration.ofHours(2));
    open();
    turn(false);
    assertThat(desk.suppressed("n1", clock.ms)).isFalse();
    assertThat(state("n1")).isEqualTo(NodeMark.State.IN_SERVICE);
    clock.pass(Duration.ofDays(31));
    turn(false);
    assertThat(desk.board().operations().windows()).isEmpty();
  }

  @Test
  void policyCordonsAndTakesItBackOverARestart() {
    turns(5, true);
    assertThat(state("n1")).isEqualTo(NodeMark.State.CORDONED);
    assertThat(desk.board().mark("n1").words())
        .isEqualTo("cordoned: policy, cordon for xid-reboot: Xid 79");
    open();
    assertThat(state("n1")).isEqualTo(NodeMark.State.CORDONED); // before anything is heard
    turns(2, true);
    turns(25, false);
    assertThat(state("n1")).isEqualTo(NodeMark.State.CORDONED);
    turns(10, false);
    assertThat(state("n1")).isEqualTo(NodeMark.State.IN_SERVICE);
    assertThat(audit.entries(0, 10))
        .extracting(entry -> entry.draft().by() + " " + entry.draft().what())
        .containsExactly("policy policy.cordon", "policy policy.lift");
    assertThat(desk.counted())
        .containsEntry(new OperationsDesk.Counted("xid-reboot", Action.CORDON, "lifted"), 1L);
  }

  @Test
  void aPersonWhoPutsTheNodeBackToWorkIsNotOverruledAlsoOverARestart() {
    turns(5, true);
    done(desk.uncordon(fleet, "n1", "anna", "it is fine"));
    assertThat(state("n1")).isEqualTo(NodeMark.State.IN_SERVICE);
    turns(60, true);
    open();
    turns(60, true);
    assertThat(state("n1")).isEqualTo(NodeMark.State.IN_SERVICE);
    turns(40, false);
    turns(5, true); // another time
    assertThat(state("n1")).isEqualTo(NodeMark.State.CORDONED);
  }

  @Test
  void aPersonWhoTakesTheNodeKeepsItWhenTheVerdictClears() {
    turns(5, true);
    done(desk.cordon(fleet, "n1", "anna", "I look at it"));
    turns(60, false);
    assertThat(state("n1")).isEqualTo(NodeMark.State.CORDONED);
    assertThat(desk.board().mark("n1").words()).isEqualTo("cordoned: anna, I look at it");
  }

  @Test
  void anOverrideEndsByItself() {
    turn(false);
    done(
        desk.override(
            fleet, "n1", Optional.of("xid-reboot"), clock.ms + 60_000, "false alarm", "anna"));
    turns(20, true);
    assertThat(desk.overridden("n1", "xid-reboot", clock.ms)).isTrue();
    assertThat(desk.suppressed("n1", clock.ms)).isFalse(); // other rules still call somebody
    assertThat(state("n1")).isEqualTo(NodeMark.State.IN_SERVICE);
    turns(20, true);
    assertThat(desk.overridden("n1", "xid-reboot", clock.ms)).isFalse();
    assertThat(state("n1")).isEqualTo(NodeMark.State.CORDONED);
  }

  @Test
  void nothingIsBegunForAnHourWhenTheWallClockJumps() {
    turns(2, false);
    clock.ms += 2 * HOUR;
    turns(10, true);
    assertThat(desk.paused()).isPresent();
    assertThat(state("n1")).isEqualTo(NodeMark.State.IN_SERVICE);
    clock.pass(Duration.ofHours(1));
    turns(2, true);
    assertThat(state("n1")).isEqualTo(NodeMark.State.CORDONED);
  }

  @Test
  void thePauseOutlivesTheCollector() {
    turns(2, false);
    clock.ms += 2 * HOUR;
    turns(2, true);
    clock.pass(Duration.ofMinutes(20));
    open();
    turns(10, true);
    assertThat(desk.paused()).isPresent();
    assertThat(state("n1")).isEqualTo(NodeMark.State.IN_SERVICE);
    clock.pass(Duration.ofMinutes(40));
    turns(2, true);
    assertThat(desk.paused()).isEmpty();
    assertThat(state("n1")).isEqualTo(NodeMark.State.CORDONED);
    open();
    assertThat(desk.paused()).isEmpty();
  }

  @Test
  void moreActsThanOneTransactionTakesAreOverruledAndTakenOver() throws IOException {
    List<String> many = IntStream.range(0, 300).mapToObj(i -> "own-" + i).toList();
    speaking = many;
    rules(
        "site_rules: [%s]\nrules: {%s}"
            .formatted(
                String.join(", ", many),
                many.stream()
                    .map(id -> id + ": {mode: act, action: cordon}")
                    .collect(Collectors.joining(", "))));
    turns(5, true);
    assertThat(desk.board().operations().acts()).hasSizeGreaterThan(128);
    assertThat(state("n1")).isEqualTo(NodeMark.State.CORDONED);
    done(desk.uncordon(fleet, "n1", "anna", "it is fine"));
    assertThat(state("n1")).isEqualTo(NodeMark.State.IN_SERVICE);
    open();
    turns(20, true);
    assertThat(state("n1")).isEqualTo(NodeMark.State.IN_SERVICE);
    done(desk.cordon(fleet, "n1", "anna", "I look at it"));
    assertThat(state("n1")).isEqualTo(NodeMark.State.CORDONED);
    assertThat(audit.entries(0, 99))
        .filteredOn(entry -> entry.draft().by().equals("anna"))
        .extracting(entry -> entry.draft().what())
        .containsExactly("node.uncordon", "node.cordon");
  }

  // ---- deadlines

  private void rules(String text) throws IOException {
    Files.writeString(
        policy,
        text
            + "\nsettle: 5s\nclear: 60s\ndrain_deadline: 120s\nlimits: {fleet: {share: 1}, rack: {at_once: 1, per_hour: 99}, node: {per_hour: 99}}\n");
    open();
  }

  private RunId place(String node) {
    book.submit(
        new JobSpec(
            "a",
            List.of("/bin/true"),
            Map.of(),
            Optional.empty(),
            "alice",
            "llm",
            50,
            new DeviceRequest(DeviceKind.GPU, 1),
            1,
            OptionalLong.empty(),
            10_000,
            OptionalLong.empty(),
            OptionalInt.empty(),
            JobSpec.LeaseRule.KEEP));
    RunId id = new RunId("a", 1);
    DeviceSet devices = new DeviceSet(DeviceKind.GPU, List.of("GPU-0"));
    assertThat(book.place(id, List.of(new Share(node, devices, List.of()))))
        .isInstanceOf(Granting.Granted.class);
    return id;
  }

  @Test
  void aNodeThatIsOffIsDeclaredLostByAPersonAndItsRunsEnd() {
    turn(false);
    RunId run = place("n1");
    assertThat(desk.lost(fleet, "n1", "anna", "no power")).isInstanceOf(Ruling.Refused.class);
    assertThat(book.run(run).orElseThrow().ended()).as("it is connected").isEmpty();
    assertThat(desk.lost(fleet, "never", "anna", "x")).isInstanceOf(Ruling.Unknown.class);
    fleet =
        FleetReducer.apply(
            fleet, List.of(new Fact.Disconnected("n1", 1, clock.nanos, clock.ms, "silence")));
    done(desk.lost(fleet, "n1", "anna", "no power"));
    assertThat(book.run(run).flatMap(Run::outcome)).hasValue(Outcome.of(Outcome.Kind.NODE_LOST));
    assertThat(book.taken()).isEmpty();
    assertThat(book.desired("n1").stops()).as("for the case that it comes back").hasSize(1);
    AuditDraft last = audit.entries(0, 10).getLast().draft();
    assertThat(last.what() + " " + last.subject() + " by " + last.by() + ": " + last.reason())
        .isEqualTo("node.lost n1 by anna: no power");
    assertThat(last.after()).isEqualTo("1 runs end as node-lost");
  }

  private boolean stopped(RunId id) {
    return book.run(id).orElseThrow().stop().isPresent();
  }

  @Test
  void aDeadlineStopsNothingByAClockThatHasJumped() {
    turn(false);
    RunId run = place("n1");
    done(desk.drain(fleet, "n1", "anna", "new pumps", OptionalLong.of(HOUR)));
    clock.ms += 2 * HOUR;
    turns(3, false);
    assertThat(stopped(run)).isFalse();
    clock.pass(Duration.ofHours(1));
    turn(false);
    assertThat(stopped(run)).isTrue();
    AuditDraft last = audit.entries(0, 10).getLast().draft();
    assertThat(last.what() + " " + last.subject() + " by " + last.by() + ": " + last.reason())
        .isEqualTo("run.stop a-r1 by anna: new pumps");
  }

  @Test
  void aDrainOfANodeWithALongNameStopsItsRunsToo() {
    String name = "n".repeat(250);
    report(name, false);
    RunId run = place(name);
    done(desk.drain(fleet, name, "anna", "new pumps", OptionalLong.of(1)));
    turn(false);
    assertThat(stopped(run)).isTrue();
    assertThat(book.run(run).orElseThrow().stop().orElseThrow().by()).isEqualTo("anna, drain");
  }

  @Test
  void aDeadlineOfPolicyStopsNothingWhoseCauseIsNotSeen() throws IOException {
    rules("rules: {xid-reboot: {mode: act, action: drain}}");
    turn(false);
    RunId run = place("n1");
    turns(5, true);
    assertThat(state("n1")).isEqualTo(NodeMark.State.DRAINING);
    clock.pass(Duration.ofMinutes(10));
    fleet = FleetState.EMPTY;
    open();
    desk.turn(fleet);
    assertThat(stopped(run)).as("before anybody reported").isFalse();
    turns(5, false);
    assertThat(stopped(run)).as("while it is clear").isFalse();
    assertThat(state("n1")).isEqualTo(NodeMark.State.DRAINING);
    turn(true);
    assertThat(stopped(run)).isTrue();
  }

  @Test
  void whatANodeToldInTheSessionBeforeIsNothingHeard() {
    turn(false);
    assertThat(Sightings.of(fleet, clock.nanos).getFirst().heard()).isTrue();
    fleet =
        FleetReducer.apply(fleet, List.of(new Fact.Connected("n1", 2, "1", clock.nanos, clock.ms)));
    assertThat(fleet.node("n1").orElseThrow().link(clock.nanos)).isEqualTo(Link.CONNECTED);
    assertThat(Sightings.of(fleet, clock.nanos).getFirst().heard()).isFalse();
  }

  // ---- evidence

  @Test
  void evidenceIsWantedOnlyWhereItIsWaitedForOfANodeThatIsHeard() throws IOException {
    rules("rules: {xid-reboot: {mode: act, action: reboot-request}}");
    turn(false);
    done(desk.cordon(fleet, "n1", "anna", "mine"));
    turns(10, true);
    assertThat(wanted).as("a person has the node").isEmpty();
    done(desk.uncordon(fleet, "n1", "anna", "take it"));
    turns(40, false);
    turns(5, true);
    assertThat(wanted).isNotEmpty().containsOnly("n1");
    wanted.clear();
    for (int i = 0; i < 40; i++) {
      clock.pass(Duration.ofSeconds(2));
      desk.turn(fleet); // nobody reports any more
      if (i == 20) {
        wanted.clear();
      }
    }
    assertThat(wanted).as("the node is not heard").isEmpty();
  }

  // ---- what ended long ago

  @Test
  void howeverMuchEndedLongAgoIsForgottenSomeAtATime() {
    turn(false);
    for (int i = 0; i < 150; i++) {
      done(desk.override(fleet, "n1", Optional.empty(), clock.ms + 1, "x", "anna"));
      clock.pass(Duration.ofMillis(1));
    }
    assertThat(desk.board().operations().overrides()).hasSize(150);
    clock.pass(Duration.ofDays(31));
    turn(false);
    assertThat(desk.board().operations().overrides()).hasSize(50);
    turn(false);
    assertThat(desk.board().operations().overrides()).isEmpty();
    open();
    assertThat(desk.board().operations().overrides()).isEmpty();
  }

  @Test
  void noMoreOverridesHoldThanAreKept() {
    turn(false);
    Ruling<ManualOverride> last = new Ruling.Unknown<>("none was asked for");
    for (int i = 0; i <= 1_000; i++) {
      last = desk.override(fleet, "n1", Optional.empty(), clock.ms + HOUR, "x", "anna");
    }
    assertThat(last)
        .isEqualTo(new Ruling.Refused<>("1000 overrides hold, as many as are kept; end one first"));
  }

  @Test
  void whatIsNoneIsRefused() {
    turn(false);
    assertThat(desk.cordon(fleet, "n9", "anna", "x")).isInstanceOf(Ruling.Unknown.class);
    assertThat(desk.endWindow("m9", "anna", "x")).isInstanceOf(Ruling.Unknown.class);
    assertThat(desk.endOverride("o9", "anna", "x")).isInstanceOf(Ruling.Unknown.class);
    Area nowhere = new Area(Area.Kind.RACK, "r9");
    assertThat(
            desk.open(
                fleet,
                nowhere,
                "ops",
                "x",
                OptionalLong.empty(),
                clock.ms + 1,
                OptionalLong.empty(),
                "anna"))
        .isInstanceOf(Ruling.Unknown.class);
    assertThatIllegalArgumentException().isThrownBy(() -> desk.cordon(fleet, "n1", "anna", " "));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> desk.cordon(fleet, "n1", "anna", "a\u001b[2J"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> desk.drain(fleet, "n1", "anna", "x", OptionalLong.of(-1)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> desk.override(fleet, "n1", Optional.empty(), clock.ms, "x", "anna"));
    assertThat(audit.entries(0, 10)).isEmpty();
  }
}
