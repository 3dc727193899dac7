package io.millwright.collector.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.collector.downlink.Line;
import io.millwright.collector.downlink.Told;
import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.jobs.Grant;
import io.millwright.collector.jobs.JobBook;
import io.millwright.collector.jobs.Remembered;
import io.millwright.collector.jobs.Report;
import io.millwright.collector.jobs.Run;
import io.millwright.collector.placement.Share;
import io.millwright.collector.store.SqliteStore;
import io.millwright.protocol.bodies.AppliedBody;
import io.millwright.protocol.bodies.DesiredBody;
import io.millwright.protocol.bodies.JobJson;
import io.millwright.protocol.bodies.StatusBody;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.AppliedAnswer;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.JournalHead;
import io.millwright.protocol.frames.Payload;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.DeviceSet;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Term;
import io.millwright.protocol.vocabulary.job.Usage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The members of a gang, from their grant to the go of all or the end of all. */
@SuppressWarnings("NullAway.Init") // set before each test
class GangsTest {
  private static final RunId A1 = new RunId("a", 1);
  private static final Set<String> NEW = Set.of("jobs", "new-jobs", "groups", "hold");
  private static final Set<String> OLD = Set.of("jobs", "new-jobs", "groups");

  @TempDir private Path directory;
  private final HandClock clock = new HandClock();
  private final Map<String, Heard> lines = new HashMap<>();
  private long sessions;
  private SqliteStore store;
  private JobBook book;
  private JobDesk desk;

  private static final class HandClock implements Clock {
    private Duration passed = Duration.ZERO;

    @Override
    public long nanos() {
      return 1 + passed.toNanos();
    }

    @Override
    public Instant wall() {
      return Instant.parse("2026-11-23T00:00:00Z").plus(passed);
    }

    @Override
    public void parkUntil(long until) {}

    void pass(Duration time) {
      passed = passed.plus(time);
    }
  }

  private record Heard(long session, List<Frame.Desired> frames) implements Line {
    @Override
    public void send(List<? extends Frame> more) {
      for (Frame frame : more) {
        if (frame instanceof Frame.Desired desired) {
          frames.add(desired);
        }
      }
    }

    @Override
    public void end(String why) {
      throw new AssertionError(why);
    }

    DesiredBody newest() {
      return DesiredBody.of(frames.getLast().part().bytes().toByteArray());
    }

    long generation() {
      return frames.getLast().head().generation();
    }
  }

  @BeforeEach
  void begin() {
    open();
    byte[] job =
        ("{\"name\":\"a\",\"argv\":[\"/bin/true\"],\"nodes\":2,\"devices\":{\"count\":1},"
                + "\"restart\":{\"on\":[\"refused\"]}}")
            .getBytes(StandardCharsets.UTF_8);
    book.submit(JobJson.submitted(job, "anna"));
  }

  private void open() {
    store = SqliteStore.open(directory.resolve("store.db"));
    book = JobBook.open(store, clock);
    desk = new JobDesk(book, clock);
    lines.clear();
  }

  /** The collector dies, and the next one has its store. */
  private void reopen() {
    store.close();
    open();
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void placed() {
    book.place(A1, List.of(share("n"), share("m")), Grant.Go.AWAITED, Set.of());
  }

  private static Share share(String node) {
    return new Share(
        node,
        new DeviceSet(DeviceKind.GPU, List.of("GPU-" + node)),
        List.of(),
        Optional.of("10.0.0.7"));
  }

  private void turn(Told... told) {
    desk.turn(FleetState.EMPTY, List.of(told));
  }

  private void connect(String node, Set<String> capabilities) {
    Heard line = new Heard(++sessions, new ArrayList<>());
    lines.put(node, line);
    turn(new Told.Opened(node, line.session(), capabilities, head(node), "10.0.0.7", line));
    answer(node);
  }

  private JournalHead head(String node) {
    UUID journal = new UUID(7, node.hashCode());
    return new JournalHead(journal, 0, book.acknowledged(node, journal.toString()), Term.NONE, 0);
  }

  /** It has its newest desired state durably. */
  private void answer(String node) {
    Heard line = line(node);
    List<AppliedBody.Held> held =
        line.newest().assignments().stream()
            .map(one -> new AppliedBody.Held(one.id(), one.devices().uuids()))
            .toList();
    AppliedBody body = new AppliedBody(Optional.empty(), List.of(), held);
    turn(
        new Told.Applied(
            node,
            line.session(),
            new Frame.Applied(
                AppliedAnswer.WRITTEN, book.term(), line.generation(), Payload.of(body.json())),
            body));
  }

  private Heard line(String node) {
    Heard line = lines.get(node);
    if (line == null) {
      throw new AssertionError("not connected: " + node);
    }
    return line;
  }

  private void says(String node, JobState state, Optional<Outcome> outcome) {
    UUID journal = new UUID(7, node.hashCode());
    long next = book.acknowledged(node, journal.toString()) + 1;
    turn(
        new Told.Reported(
            node,
            line(node).session(),
            journal,
            next,
            new StatusBody(A1, state, outcome, Usage.NONE, "")));
  }

  private void says(String node, JobState state) {
    says(node, state, Optional.empty());
  }

  private Run run() {
    return book.run(A1).orElseThrow();
  }

  private Grant.Go go() {
    return run().grant().orElseThrow().go();
  }

  private List<RunId> begins(String node) {
    DesiredBody told = line(node).newest();
    return told.assignments().stream()
        .map(Assignment::id)
        .filter(run -> !told.holds().contains(run))
        .toList();
  }

  @Test
  void noneBeginsBeforeAllAreReady() {
    placed();
    connect("n", NEW);
    connect("m", NEW);
    assertThat(line("n").newest().holds()).containsExactly(A1);
    says("n", JobState.READY);
    assertThat(begins("n")).isEmpty();
    assertThat(begins("m")).isEmpty();
    assertThat(go()).isEqualTo(Grant.Go.AWAITED);
    long held = line("n").generation();
    says("m", JobState.READY);
    assertThat(go()).isEqualTo(Grant.Go.NOT_NEEDED);
    assertThat(begins("n")).containsExactly(A1);
    assertThat(begins("m")).containsExactly(A1);
    assertThat(line("n").generation()).as("an agent takes only what is newer").isGreaterThan(held);
  }

  /** One agent that lies, or is broken, begins nobody else. */
  @Test
  void whoBeginsUnaskedTakesNobodyWithIt() {
    placed();
    connect("n", NEW);
    connect("m", NEW);
    says("m", JobState.READY);
    says("n", JobState.STARTING);
    says("n", JobState.RUNNING);
    assertThat(go()).isEqualTo(Grant.Go.AWAITED);
    assertThat(begins("m")).isEmpty();
  }

  /** What all have said is not enough: one that is away now may have let go. */
  @Test
  void whoIsAwayIsWaitedFor() {
    placed();
    connect("n", NEW);
    connect("m", NEW);
    says("n", JobState.READY);
    turn(new Told.Closed("n", line("n").session()));
    says("m", JobState.READY);
    assertThat(go()).isEqualTo(Grant.Go.AWAITED);
    connect("n", NEW);
    assertThat(go()).isEqualTo(Grant.Go.NOT_NEEDED);
    assertThat(begins("m")).containsExactly(A1);
  }

  /** The record is on the disk, and nobody was told. */
  @Test
  void aCollectorThatDiedBetweenTheGoAndItsTellingTellsItAfterwards() {
    placed();
    connect("n", NEW);
    connect("m", NEW);
    says("n", JobState.READY);
    UUID journal = new UUID(7, "m".hashCode());
    book.report(
        "m",
        journal.toString(),
        List.of(new Report(1, A1, JobState.READY, Optional.empty(), Usage.NONE)));
    book.go(A1);
    assertThat(begins("n")).isEmpty();
    reopen();
    assertThat(go()).isEqualTo(Grant.Go.NOT_NEEDED);
    connect("n", NEW);
    assertThat(begins("n")).containsExactly(A1);
    connect("m", NEW);
    assertThat(begins("m")).containsExactly(A1);
  }

  /** It dies earlier: all are ready by the book, and nothing says that they may begin. */
  @Test
  void aCollectorThatDiedBeforeTheGoGivesItOnceAllAreThereAgain() {
    placed();
    connect("n", NEW);
    connect("m", NEW);
    says("n", JobState.READY);
    book.report(
        "m",
        new UUID(7, "m".hashCode()).toString(),
        List.of(new Report(1, A1, JobState.READY, Optional.empty(), Usage.NONE)));
    reopen();
    connect("n", NEW);
    assertThat(begins("n")).isEmpty();
    connect("m", NEW);
    assertThat(begins("n")).containsExactly(A1);
    assertThat(begins("m")).containsExactly(A1);
  }

  @Test
  void oneThatRefusesEndsTheOthersBeforeTheyBegin() {
    placed();
    connect("n", NEW);
    connect("m", NEW);
    says("n", JobState.READY);
    says("m", JobState.ENDED, Optional.of(new Outcome(Outcome.Kind.PREPARE_FAILED, "no")));
    assertThat(line("n").newest().assignments()).isEmpty();
    assertThat(line("n").newest().stops())
        .extracting(DesiredBody.Stop::why)
        .containsExactly(Outcome.Kind.GROUP_FAILED);
    assertThat(line("n").newest().holds()).isEmpty();
    says("n", JobState.ENDED, Optional.of(Outcome.of(Outcome.Kind.GROUP_FAILED)));
    assertThat(run().outcome()).hasValue(new Outcome(Outcome.Kind.PREPARE_FAILED, "no"));
    assertThat(book.latest("a").map(Run::id)).hasValue(new RunId("a", 2));
  }

  @Test
  void whatIsNotReadyInTimeEndsAsAWholeAndMayBePlannedAnew() {
    placed();
    connect("n", NEW);
    connect("m", NEW);
    says("n", JobState.READY);
    clock.pass(Duration.ofSeconds(59));
    turn();
    assertThat(run().stop()).isEmpty();
    clock.pass(Duration.ofSeconds(1));
    turn();
    for (String node : List.of("n", "m")) {
      assertThat(line(node).newest().stops())
          .extracting(DesiredBody.Stop::why)
          .containsExactly(Outcome.Kind.GROUP_FAILED);
      says(node, JobState.ENDED, Optional.of(Outcome.of(Outcome.Kind.GROUP_FAILED)));
    }
    assertThat(run().outcome()).hasValue(Outcome.of(Outcome.Kind.GROUP_FAILED));
    Run next = book.latest("a").orElseThrow();
    assertThat(next.id()).isEqualTo(new RunId("a", 2));
    assertThat(next.retry().orElseThrow().avoided())
        .as("nobody knows whose fault it was")
        .isEmpty();
  }

  @Test
  void theTimeBeginsAnewWithTheCollector() {
    placed();
    connect("n", NEW);
    clock.pass(Duration.ofSeconds(59));
    turn();
    reopen();
    connect("n", NEW);
    clock.pass(Duration.ofSeconds(59));
    turn();
    assertThat(run().stop()).isEmpty();
    clock.pass(Duration.ofSeconds(1));
    turn();
    assertThat(run().stop()).isPresent();
  }

  private void remembered(JobState n, JobState m) {
    book.reconcile(
        Map.of(
            "n", Map.of(A1, new Remembered(n, Optional.empty(), List.of("GPU-n"))),
            "m", Map.of(A1, new Remembered(m, Optional.empty(), List.of("GPU-m")))),
        Set.of(),
        Long.MAX_VALUE);
  }

  private void outlastsItsTime() {
    clock.pass(Duration.ofSeconds(61));
    turn();
    assertThat(run().stop()).isEmpty();
    assertThat(run().ended()).isEmpty();
  }

  /** The answer of a node with many runs has no word of how this one stands. */
  @Test
  void aRecoveryEndsNoGangOfWhichItIsNotToldHowItStands() {
    remembered(JobState.ACCEPTED, JobState.ACCEPTED);
    assertThat(go()).isEqualTo(Grant.Go.NOT_NEEDED);
    turn();
    outlastsItsTime();
  }

  @Test
  void aRecoveryEndsNoGangThatAwaitedItsGoInTheBackup() {
    placed();
    remembered(JobState.ACCEPTED, JobState.ACCEPTED);
    assertThat(go()).isEqualTo(Grant.Go.NOT_NEEDED);
    turn();
    outlastsItsTime();
  }

  @Test
  void aGangThatARecoveryFindsReadyAwaitsItsGo() {
    remembered(JobState.READY, JobState.ACCEPTED);
    assertThat(go()).isEqualTo(Grant.Go.ADOPTED);
    clock.pass(Duration.ofSeconds(61));
    turn();
    assertThat(run().stop()).as("its time begins with the first turn").isEmpty();
  }

  @Test
  void aGangOfWhichARecoveryFindsOneBegunHadItsGo() {
    remembered(JobState.READY, JobState.RUNNING);
    assertThat(go()).isEqualTo(Grant.Go.NOT_NEEDED);
  }

  /** An agent of before would refuse all of a desired state with a hold in it. */
  @Test
  void anAgentThatCannotHoldIsNotToldAndEndsTheGang() {
    placed();
    connect("n", NEW);
    connect("m", OLD);
    assertThat(line("m").frames())
        .allSatisfy(frame ->
            assertThat(new String(frame.part().bytes().toByteArray(), StandardCharsets.UTF_8))
                .doesNotContain("holds"));
    assertThat(run().member("m").orElseThrow().outcome())
        .hasValue(
            Outcome.refused("its agent cannot hold a job until others are ready: upgrade it"));
    assertThat(line("n").newest().stops()).hasSize(1);
  }
}
