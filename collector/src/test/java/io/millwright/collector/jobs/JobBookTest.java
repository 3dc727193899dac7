package io.millwright.collector.jobs;

import static io.millwright.collector.jobs.Jobs.accepted;
import static io.millwright.collector.jobs.Jobs.ended;
import static io.millwright.collector.jobs.Jobs.granted;
import static io.millwright.collector.jobs.Jobs.says;
import static io.millwright.collector.jobs.Jobs.share;
import static io.millwright.collector.jobs.Jobs.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.millwright.collector.placement.DeviceKey;
import io.millwright.collector.placement.Share;
import io.millwright.collector.store.MemoryStore;
import io.millwright.collector.store.Op;
import io.millwright.collector.store.StateStore;
import io.millwright.collector.store.Txn;
import io.millwright.protocol.bodies.JobJson;
import io.millwright.protocol.bodies.JsonMistake;
import io.millwright.protocol.vocabulary.job.Group;
import io.millwright.protocol.vocabulary.job.ImexChannel;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.Rendezvous;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Usage;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the book takes, what it refuses, and what it remembers. */
class JobBookTest {
  private static final RunId A1 = new RunId("a", 1);
  private static final String JOURNAL = "j-1";

  private final MemoryStore.Disk disk = new MemoryStore.Disk();
  private JobBook book = open();

  private JobBook open() {
    return JobBook.open(MemoryStore.open(disk), Jobs.StillClock.NOON);
  }

  private void reopen() {
    List<Run> before = book.runs();
    Map<DeviceKey, RunId> taken = book.taken();
    book = open();
    assertThat(book.runs()).isEqualTo(before);
    assertThat(book.taken()).isEqualTo(taken);
  }

  private Reporting report(Report... reports) {
    return book.report("n", JOURNAL, List.of(reports));
  }

  private static String refused(Submission submission) {
    assertThat(submission).isInstanceOf(Submission.Refused.class);
    return ((Submission.Refused) submission).sentence();
  }

  private static String refused(Granting granting) {
    assertThat(granting).isInstanceOf(Granting.Refused.class);
    return ((Granting.Refused) granting).sentence();
  }

  @Test
  void aJobThatWasAcceptedIsThereAfterReopening() {
    Run run = accepted(book.submit(spec("a", 2, 1)));
    assertThat(run.id()).isEqualTo(A1);
    assertThat(run.state()).isEqualTo(JobState.QUEUED);
    reopen();
    assertThat(book.run(A1)).hasValue(run);
  }

  /** A node's word alone; the book could not be opened with both. */
  @Test
  void aQueuedRunIsNotAdoptedOnDevicesOfAnotherRun() {
    accepted(book.submit(spec("a", 1, 1)));
    book.place(A1, List.of(share("n", 0)));
    RunId b = accepted(book.submit(spec("b", 1, 1))).id();
    RunId c = accepted(book.submit(spec("c", 1, 1))).id();
    RunId d = accepted(book.submit(spec("d", 1, 1))).id();
    Reconciled done =
        book.reconcile(
            Map.of("n", Map.of(A1, there(1), b, there(0), c, there(2), d, there(2))),
            Set.of(),
            Long.MAX_VALUE);
    assertThat(done).isEqualTo(new Reconciled(1, 0, 0, 2));
    assertThat(book.taken())
        .containsOnlyKeys(new DeviceKey("n", "GPU-0"), new DeviceKey("n", "GPU-2"));
    assertThat(book.run(b).flatMap(Run::outcome)).hasValue(Outcome.of(Outcome.Kind.UNTRACKED));
    reopen();
  }

  /** Its members may have had their go from the store that was lost: who begins tells it. */
  @Test
  void anAdoptedGangGoesWithTheFirstThatBegan() {
    accepted(book.submit(spec("a", 1, 2)));
    Remembered ready = new Remembered(JobState.READY, Optional.empty(), List.of("GPU-0"));
    book.reconcile(
        Map.of("n", Map.of(A1, ready), "m", Map.of(A1, ready)), Set.of(), Long.MAX_VALUE);
    assertThat(book.run(A1).flatMap(Run::grant).map(Grant::go)).hasValue(Grant.Go.ADOPTED);
    assertThat(book.desired("m").holds()).containsExactly(A1);
    reopen();
    report(says(1, A1, JobState.STARTING));
    assertThat(book.run(A1).flatMap(Run::grant).map(Grant::go)).hasValue(Grant.Go.NOT_NEEDED);
    assertThat(book.desired("m").holds()).isEmpty();
    reopen();
  }

  private static Remembered there(int gpu) {
    return new Remembered(JobState.RUNNING, Optional.empty(), List.of("GPU-" + gpu));
  }

  @Test
  void theSameJobIsTheRunThatIsThere() {
    Run run = accepted(book.submit(spec("a", 2, 1)));
    assertThat(book.submit(spec("a", 2, 1))).isEqualTo(new Submission.Known(run));
    reopen();
    assertThat(book.submit(spec("a", 2, 1))).isEqualTo(new Submission.Known(run));
    assertThat(book.runs()).hasSize(1);
  }

  @Test
  void anotherJobUnderALiveNameIsRefused() {
    accepted(book.submit(spec("a", 2, 1)));
    assertThat(refused(book.submit(spec("a", 3, 1))))
        .isEqualTo(
            "name: 'a' is refused, it names a-r1, which is queued and was submitted otherwise;"
                + " allowed is another name, or to cancel that run first");
  }

  @Test
  void afterARunEndedTheNextOneIsAnotherNumber() {
    accepted(book.submit(spec("a", 2, 1)));
    book.cancel(A1, "alice");
    assertThat(accepted(book.submit(spec("a", 3, 1))).id()).isEqualTo(new RunId("a", 2));
    reopen();
    assertThat(book.latest("a").map(Run::id)).hasValue(new RunId("a", 2));
  }

  @Test
  void whoNamesTheRunMayAskAgainEvenWhenItHasEnded() {
    accepted(book.submit(spec("a", 2, 1), 1));
    Run over = book.cancel(A1, "alice").orElseThrow();
    assertThat(book.submit(spec("a", 2, 1), 1)).isEqualTo(new Submission.Known(over));
    assertThat(refused(book.submit(spec("a", 3, 1), 1))).startsWith("name: 'a' is refused");
    assertThat(refused(book.submit(spec("a", 2, 1), 3)))
        .isEqualTo("run: '3' is refused; allowed is 2, the next of a");
    assertThat(accepted(book.submit(spec("a", 2, 1), 2)).id()).isEqualTo(new RunId("a", 2));
  }

  @Test
  void aJobThatIsTooLargeIsRefused() {
    List<String> argv = new ArrayList<>(List.of("/bin/true"));
    for (int i = 0; i < 100; i++) {
      argv.add("x".repeat(4000));
    }
    var small = spec("a", 0, 1);
    var large =
        new JobSpec(
            "a",
            argv,
            small.env(),
            small.cwd(),
            small.user(),
            small.project(),
            small.priority(),
            small.devices(),
            small.nodes(),
            small.timeLimitMs(),
            small.stopGraceMs(),
            small.memoryBytes(),
            small.cpus(),
            small.lease());
    assertThat(refused(book.submit(large)))
        .endsWith(
            "bytes are refused; allowed are up to 262144 with all its arguments and variables");
    assertThat(book.runs()).isEmpty();
  }

  @Test
  void theQueueIsByPriorityThenFirstIn() {
    accepted(book.submit(spec("low", 1, 1, 10, "/bin/true")));
    accepted(book.submit(spec("z", 1, 1, 50, "/bin/true")));
    accepted(book.submit(spec("b", 1, 1, 50, "/bin/true")));
    accepted(book.submit(spec("high", 1, 1, 90, "/bin/true")));
    reopen();
    assertThat(book.queued().stream().map(run -> run.id().job()))
        .containsExactly("high", "z", "b", "low");
  }

  @Test
  void aGrantIsTheNodesNewDesiredState() {
    accepted(book.submit(spec("a", 2, 1)));
    long before = book.generation("n");
    long elsewhere = book.generation("m");
    Run run = granted(book.place(A1, List.of(share("n", 0, 1))));
    Desired desired = book.desired("n");
    assertThat(desired.generation()).isGreaterThan(before);
    assertThat(desired.term()).isEqualTo(book.term());
    assertThat(desired.assignments()).containsExactly(run.assignment("n").orElseThrow());
    assertThat(desired.assignments().getFirst().generation()).isEqualTo(desired.generation());
    assertThat(desired.stops()).isEmpty();
    assertThat(book.generation("m")).as("of a node that is not concerned").isEqualTo(elsewhere);
    assertThat(book.taken())
        .isEqualTo(Map.of(new DeviceKey("n", "GPU-0"), A1, new DeviceKey("n", "GPU-1"), A1));
    reopen();
    assertThat(book.desired("n").assignments()).isEqualTo(desired.assignments());
    assertThat(book.generation("n")).isGreaterThan(desired.generation());
  }

  @Test
  void aDeviceIsGrantedOnce() {
    accepted(book.submit(spec("a", 2, 1)));
    accepted(book.submit(spec("b", 2, 1)));
    granted(book.place(A1, List.of(share("n", 0, 1))));
    assertThat(refused(book.place(new RunId("b", 1), List.of(share("n", 1, 2)))))
        .isEqualTo("GPU-1 of n is taken by a-r1");
    granted(book.place(new RunId("b", 1), List.of(share("m", 0, 1))));
  }

  @Test
  void whatTheJobDidNotAskForIsNotGranted() {
    accepted(book.submit(spec("a", 2, 2)));
    assertThat(refused(book.place(new RunId("x", 1), List.of(share("n", 0)))))
        .isEqualTo("x-r1: no such run is in the book");
    assertThat(refused(book.place(A1, List.of(share("n", 0, 1)))))
        .isEqualTo("a-r1: 1 shares on 1 nodes; wanted is one on each of 2");
    assertThat(refused(book.place(A1, List.of(share("n", 0, 1), share("n", 2, 3)))))
        .isEqualTo("a-r1: 2 shares on 1 nodes; wanted is one on each of 2");
    assertThat(refused(book.place(A1, List.of(share("n", 0, 1), share("m", 2)))))
        .isEqualTo("a-r1: 1 devices on m are not the 2 asked for");
    granted(book.place(A1, List.of(share("n", 0, 1), share("m", 2, 3))));
    assertThat(refused(book.place(A1, List.of(share("n", 4, 5), share("m", 4, 5)))))
        .isEqualTo("a-r1: it is placed; only a queued run is placed");
  }

  @Test
  void aReportIsAppliedOnce() {
    placed();
    Report first = says(1, A1, JobState.ACCEPTED);
    Report second = says(2, A1, JobState.RUNNING);
    assertThat(report(first, second))
        .isEqualTo(new Reporting(2, List.of(first, second), List.of(), false));
    assertThat(report(first, second))
        .isEqualTo(new Reporting(2, List.of(), List.of(first, second), false));
    reopen();
    assertThat(report(second)).isEqualTo(new Reporting(2, List.of(), List.of(second), false));
    assertThat(book.run(A1).map(Run::state)).hasValue(JobState.RUNNING);
    assertThat(book.acknowledged("n", JOURNAL)).isEqualTo(2);
  }

  private void placed() {
    accepted(book.submit(spec("a", 2, 1)));
    granted(book.place(A1, List.of(share("n", 0, 1))));
  }

  @Test
  void anEndFreesTheDevicesAndIsTheLastWord() {
    placed();
    long before = book.generation("n");
    report(says(1, A1, JobState.RUNNING), ended(2, A1, Outcome.exit(3)));
    Run run = book.run(A1).orElseThrow();
    assertThat(run.outcome()).hasValue(Outcome.exit(3));
    assertThat(run.usage()).isEqualTo(Jobs.USED);
    assertThat(book.taken()).isEmpty();
    assertThat(book.desired("n").assignments()).isEmpty();
    assertThat(book.generation("n")).isGreaterThan(before);
    report(says(3, A1, JobState.STUCK), ended(4, A1, Outcome.exit(0)));
    assertThat(book.run(A1)).hasValue(run);
    reopen();
  }

  @Test
  void aProjectIsWhereItsRunsHaveNotEnded() {
    assertThat(book.projects()).isEmpty();
    accepted(book.submit(spec("b", 1, 1)));
    assertThat(book.projects()).isEqualTo(Map.of("llm", Map.of()));
    placed();
    book.place(new RunId("b", 1), List.of(share("n", 2)));
    assertThat(book.projects()).isEqualTo(Map.of("llm", Map.of("n", 2)));
    report(ended(1, A1, Outcome.exit(0)));
    reopen();
    assertThat(book.projects()).isEqualTo(Map.of("llm", Map.of("n", 1)));
  }

  @Test
  void aStuckRunKeepsItsDevices() {
    placed();
    report(says(1, A1, JobState.STUCK));
    reopen();
    assertThat(book.taken()).hasSize(2);
  }

  @Test
  void anotherJournalCountsForItself() {
    placed();
    report(says(7, A1, JobState.ACCEPTED));
    Reporting other = book.report("n", "j-2", List.of(says(1, A1, JobState.RUNNING)));
    assertThat(other.acknowledged()).isEqualTo(1);
    assertThat(book.run(A1).map(Run::state)).hasValue(JobState.RUNNING);
    assertThat(book.acknowledged("n", JOURNAL)).isEqualTo(7);
  }

  @Test
  void aGapIsToldAndAReportOfAnUnknownRunIsAcknowledged() {
    placed();
    assertThat(report(says(5, A1, JobState.ACCEPTED)).gap()).as("first of a journal").isFalse();
    Report unknown = says(6, new RunId("x", 1), JobState.RUNNING);
    assertThat(report(unknown)).isEqualTo(new Reporting(6, List.of(), List.of(unknown), false));
    assertThat(report(says(9, A1, JobState.RUNNING)).gap()).isTrue();
  }

  @Test
  void manyReportsAreTakenAtOnce() {
    List<Report> many = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      RunId id = new RunId("job-" + i, 1);
      accepted(book.submit(spec(id.job(), 1, 1)));
      granted(book.place(id, List.of(share("n", i))));
      many.add(ended(i + 1, id, Outcome.exit(0)));
    }
    assertThat(book.report("n", JOURNAL, many).applied()).hasSize(200);
    assertThat(book.taken()).isEmpty();
    reopen();
  }

  @Test
  void aCancelledRunIsStoppedUntilItsNodeReportedTheEnd() {
    placed();
    long before = book.generation("n");
    Run run = book.cancel(A1, "bob").orElseThrow();
    assertThat(run.state()).isEqualTo(JobState.STOPPING);
    Desired desired = book.desired("n");
    assertThat(desired.generation()).isGreaterThan(before);
    assertThat(desired.assignments()).isEmpty();
    assertThat(desired.stops())
        .containsExactly(new Desired.Stop(A1, Outcome.Kind.STOPPED_BY_REQUEST, 10_000));
    assertThat(book.taken()).hasSize(2);
    assertThat(book.cancel(A1, "carol")).hasValue(run);
    reopen();
    assertThat(book.desired("n").stops()).isEqualTo(desired.stops());
    assertThat(book.applied("n", book.generation("n"))).isTrue();
    assertThat(book.desired("n").stops()).as("applied is not ended").hasSize(1);
    report(ended(1, A1, Outcome.of(Outcome.Kind.STOPPED_BY_REQUEST)));
    assertThat(book.desired("n").stops()).isEmpty();
    assertThat(book.cancel(new RunId("x", 1), "bob")).isEmpty();
  }

  @Test
  void oneMemberThatFailsStopsTheOthers() {
    accepted(book.submit(spec("a", 1, 2)));
    granted(book.place(A1, List.of(share("n", 0), share("m", 0))));
    long before = book.generation("m");
    report(ended(1, A1, Outcome.exit(1)));
    assertThat(book.generation("m")).isGreaterThan(before);
    assertThat(book.desired("m").stops())
        .containsExactly(new Desired.Stop(A1, Outcome.Kind.GROUP_FAILED, 10_000));
    assertThat(book.taken()).containsOnlyKeys(new DeviceKey("m", "GPU-0"));
    reopen();
    book.report("m", "k", List.of(ended(1, A1, Outcome.of(Outcome.Kind.GROUP_FAILED))));
    assertThat(book.run(A1).flatMap(Run::outcome)).hasValue(Outcome.exit(1));
  }

  @Test
  void aLostNodesRunsEndAndItIsToldUntilItApplied() {
    placed();
    assertThat(book.declareEnded("n", Outcome.Kind.NODE_LOST)).hasSize(1);
    assertThat(book.run(A1).flatMap(Run::outcome)).hasValue(Outcome.of(Outcome.Kind.NODE_LOST));
    assertThat(book.taken()).isEmpty();
    reopen();
    Desired desired = book.desired("n");
    assertThat(desired.stops())
        .containsExactly(new Desired.Stop(A1, Outcome.Kind.NODE_LOST, 10_000));
    assertThat(book.applied("n", desired.generation())).isTrue();
    assertThat(book.desired("n").stops()).isEmpty();
    assertThat(book.generation("n")).isGreaterThan(desired.generation());
    reopen();
    assertThat(book.desired("n").stops()).isEmpty();
    assertThat(book.declareEnded("n", Outcome.Kind.NODE_LOST)).isEmpty();
  }

  @Test
  void aGenerationOfTheFutureIsNotNoted() {
    placed();
    long now = book.generation("n");
    assertThat(book.applied("n", now + 1)).isFalse();
    assertThat(book.appliedGeneration("n")).isZero();
    assertThat(book.applied("n", now)).isTrue();
    assertThat(book.applied("n", now - 1)).isTrue();
    assertThat(book.appliedGeneration("n")).isEqualTo(now);
    reopen();
    assertThat(book.appliedGeneration("n")).isEqualTo(now);
  }

  @Test
  void aSecondWriterTakesTheBookAndTheFirstGrantsNothingMore() {
    accepted(book.submit(spec("a", 1, 1)));
    accepted(book.submit(spec("b", 1, 1)));
    JobBook old = book;
    old.confirm();
    book = open();
    assertThatExceptionOfType(BookException.class).isThrownBy(old::confirm);
    granted(book.place(A1, List.of(share("n", 0))));
    long version = book.version();
    book.confirm();
    assertThat(book.version()).isEqualTo(version);
    assertThatExceptionOfType(BookException.class)
        .isThrownBy(() -> old.place(new RunId("b", 1), List.of(share("n", 0))))
        .withMessage(
            "job book: another collector has taken it over; this one writes nothing more and must be"
                + " started again");
    assertThatExceptionOfType(BookException.class).isThrownBy(() -> old.submit(spec("c", 1, 1)));
    assertThat(book.taken()).isEqualTo(Map.of(new DeviceKey("n", "GPU-0"), A1));
    reopen();
  }

  @Test
  void anEarlierTermDoesNotTakeTheBookBack() {
    StateStore early = MemoryStore.open(disk);
    book = open();
    assertThatExceptionOfType(BookException.class)
        .isThrownBy(() -> JobBook.open(early, Jobs.StillClock.NOON))
        .withMessage(
            "job book: a collector of a later term (1.3) has it, and this one is of term 1.2; start"
                + " this one again");
  }

  @Test
  void aBookThatCannotBeReadIsNotOpened() {
    placed();
    put(Keys.member(A1, "n"), "{\"state\":\"flying\",\"usage\":{}}");
    assertThatExceptionOfType(BookException.class)
        .isThrownBy(this::open)
        .withMessage(
            "job book: /mw/jobs/member/a/1/n in the store cannot be read; restore a backup")
        .withCauseInstanceOf(JsonMistake.class);
  }

  @Test
  void aBookThatGrantedADeviceTwiceIsNotOpened() {
    placed();
    accepted(book.submit(spec("b", 2, 1)));
    granted(book.place(new RunId("b", 1), List.of(share("m", 0, 1))));
    String grant = MemoryStore.open(disk).get(Keys.grant(A1)).orElseThrow().value();
    put(Keys.grant(new RunId("b", 1)), grant);
    assertThatExceptionOfType(BookException.class)
        .isThrownBy(this::open)
        .withMessage("job book: GPU-0 of n is granted to both a-r1 and b-r1; restore a backup");
  }

  private void put(String key, String value) {
    MemoryStore.open(disk).txn(new Txn(List.of(), List.of(new Op.Put(key, value))));
  }

  @Test
  void whatCanNeverBeRightIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> book.report("n/../m", JOURNAL, List.of()))
        .withMessageStartingWith("node: 'n/../m' is refused");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> book.report("n", "j/1", List.of()))
        .withMessageStartingWith("journal: 'j/1' is refused");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> says(0, A1, JobState.RUNNING))
        .withMessage("sequence: 0 is refused; allowed is from 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> says(1, A1, JobState.PLACED))
        .withMessage("state: 'placed' is refused; allowed is accepted or a later one");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> says(1, A1, JobState.ENDED))
        .withMessage("outcome: none is refused; allowed is one with ended, and only then");
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            new Report(
                1,
                A1,
                JobState.RUNNING,
                Optional.empty(),
                new Usage(0, Double.NaN, OptionalDouble.empty(), "")))
        .withMessage("device_seconds: 'NaN' is refused; allowed is a finite number from 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> book.stop(A1, Outcome.Kind.EXIT, "bob"))
        .withMessage("why: 'exit' is refused; allowed is a reason without a number");
    assertThatIllegalArgumentException().isThrownBy(() -> book.cancel(A1, "b\nb"));
  }

  /** What a node says is for people: too much of it is cut, and nothing of it is refused. */
  @Test
  void whyARunIsStuckIsKeptUntilItEnds() {
    accepted(book.submit(spec("a", 1, 1)));
    book.place(A1, List.of(share("n", 0)));
    String why = "a driver\ncall, \ud83d, " + "x".repeat(2000);
    report(new Report(1, A1, JobState.STUCK, Optional.empty(), Usage.NONE, why, List.of()));
    reopen();
    String kept = book.run(A1).orElseThrow().members().getFirst().detail();
    assertThat(kept).startsWith("a driver call, ?, xxx").hasSize(1024);
    report(Jobs.ended(2, A1, Outcome.exit(0)));
    assertThat(book.run(A1).orElseThrow().members().getFirst().detail()).isEmpty();
  }

  @Test
  void aRunThatEndedLongAgoIsForgottenAndNothingOfItStays() {
    Instant noon = Jobs.StillClock.NOON.wall();
    accepted(book.submit(spec("a", 1, 1)));
    book.cancel(A1, "alice");
    Run placed = accepted(book.submit(spec("b", 1, 1)));
    book.place(placed.id(), List.of(share("n", 0)));
    Run open = accepted(book.submit(spec("c", 1, 1)));
    assertThat(book.forget(noon, 0)).as("not before its time").isZero();
    assertThat(book.forget(noon.plusSeconds(1), 1)).as("one is kept").isZero();
    report(Jobs.ended(1, placed.id(), Outcome.exit(0)));
    assertThat(book.forget(noon.plusSeconds(1), 0)).isEqualTo(2);
    assertThat(book.runs()).containsExactly(open);
    reopen();
    assertThat(book.latest("b")).isEmpty();
    assertThat(accepted(book.submit(spec("a", 1, 1))).id()).isEqualTo(A1);
  }

  /** What a node may still have to be told is kept. */
  @Test
  void aRunThatWasDeclaredEndedIsKeptUntilItsNodeKnows() {
    Run placed = accepted(book.submit(spec("b", 1, 1)));
    book.place(placed.id(), List.of(share("n", 0)));
    book.declareEnded("n", Outcome.Kind.NODE_LOST);
    Instant later = Jobs.StillClock.NOON.wall().plusSeconds(1);
    assertThat(book.forget(later, 0)).isZero();
    assertThat(book.applied("n", book.generation("n"))).isTrue();
    assertThat(book.forget(later, 0)).isEqualTo(1);
    reopen();
  }

  /** A journal that is another than the one before has lost the node's past. */
  @Test
  void aNodeWithAnotherJournalHasLostItsRuns() {
    assertThat(book.meet("n", JOURNAL, 0)).isEmpty();
    Run placed = accepted(book.submit(spec("b", 1, 1)));
    book.place(placed.id(), List.of(share("n", 0)));
    assertThat(book.meet("n", JOURNAL, 0)).isEmpty();
    reopen();
    assertThat(book.meet("n", "another", 0)).extracting(Run::id).containsExactly(placed.id());
    assertThat(book.run(placed.id()).flatMap(Run::outcome))
        .hasValue(Outcome.of(Outcome.Kind.UNTRACKED));
    assertThat(book.taken()).isEmpty();
    assertThat(book.desired("n").stops()).hasSize(1);
    reopen();
    assertThat(book.meet("n", "another", 0)).isEmpty();
  }

  /** A journal that was set back reports numbers that were acknowledged before. */
  @Test
  void aNodeWhoseJournalWasSetBackHasLostItsRuns() {
    book.meet("n", JOURNAL, 0);
    Run placed = accepted(book.submit(spec("b", 1, 1)));
    book.place(placed.id(), List.of(share("n", 0)));
    report(says(1, placed.id(), JobState.ACCEPTED), says(2, placed.id(), JobState.RUNNING));
    assertThat(book.meet("n", JOURNAL, 5)).isEmpty();
    assertThat(book.meet("n", JOURNAL, 1)).extracting(Run::id).containsExactly(placed.id());
    assertThat(book.acknowledged("n", JOURNAL)).isEqualTo(1);
    reopen();
    assertThat(book.acknowledged("n", JOURNAL)).isEqualTo(1);
  }

  private static List<Share> reached(String... nodes) {
    return Arrays.stream(nodes)
        .map(node -> share(node, 0))
        .map(share ->
            new Share(
                share.node(), share.devices(), List.of(), Optional.of("10.0.0." + node(share))))
        .toList();
  }

  private static int node(Share share) {
    return share.node().charAt(0);
  }

  @Test
  void membersOfARunMeetAtTheFirst() {
    accepted(book.submit(spec("a", 1, 2)));
    granted(book.place(A1, reached("y", "x")));
    reopen();
    Group first = book.desired("y").assignments().getFirst().group().orElseThrow();
    Group second = book.desired("x").assignments().getFirst().group().orElseThrow();
    assertThat(first.rank()).isEqualTo(0);
    assertThat(second.rank()).isEqualTo(1);
    assertThat(first.size()).isEqualTo(2);
    assertThat(first.rendezvous().address()).isEqualTo("10.0.0." + (int) 'y');
    assertThat(second.rendezvous()).isEqualTo(first.rendezvous());
  }

  @Test
  void aRunOnOneNodeHasNoGroup() {
    accepted(book.submit(spec("a", 1, 1)));
    granted(book.place(A1, reached("x")));
    assertThat(book.desired("x").assignments().getFirst().group()).isEmpty();
  }

  /** Of a collector before rendezvous. */
  @Test
  void aGrantWithoutARendezvousStands() {
    accepted(book.submit(spec("a", 1, 2)));
    granted(book.place(A1, List.of(share("x", 0), share("y", 0))));
    reopen();
    assertThat(book.desired("x").assignments().getFirst().group()).isEmpty();
  }

  private static JobSpec channelled(String name, int nodes) {
    byte[] job =
        ("{\"name\":\"%s\",\"argv\":[\"/bin/true\"],\"nodes\":%d,"
                + "\"devices\":{\"count\":1,\"imex\":true}}")
            .formatted(name, nodes)
            .getBytes(StandardCharsets.UTF_8);
    return JobJson.submitted(job, "anna");
  }

  private Optional<ImexChannel> channel(String node) {
    return book.desired(node).assignments().getFirst().channel();
  }

  /** The same for all members, also in the next collector; another for each run. */
  @Test
  void membersOfARunHaveOneChannelAndNoOtherRunHasIt() {
    accepted(book.submit(channelled("a", 2)));
    accepted(book.submit(channelled("b", 1)));
    accepted(book.submit(spec("c", 1, 1)));
    granted(book.place(A1, List.of(share("x", 0), share("y", 0))));
    granted(book.place(new RunId("b", 1), List.of(share("z", 0))));
    granted(book.place(new RunId("c", 1), List.of(share("w", 0))));
    Optional<ImexChannel> first = channel("x");
    assertThat(first).isPresent();
    reopen();
    assertThat(channel("x")).isEqualTo(first);
    assertThat(channel("y")).isEqualTo(first);
    assertThat(channel("z")).isPresent().isNotEqualTo(first);
    assertThat(channel("w")).as("it asks for none").isEmpty();
    assertThat(book.channels()).hasSize(2);
  }

  private Granting placed(RunId run, Set<ImexChannel> elsewhere, Share... shares) {
    return book.place(run, List.of(shares), Grant.Go.NOT_NEEDED, elsewhere);
  }

  @Test
  void aChannelIsGivenAgainOnceNoMemberIsOpenAndNobodyElseHoldsIt() {
    ImexChannel last = new ImexChannel(17);
    Set<ImexChannel> others =
        ImexChannel.from(0)
            .mapToObj(ImexChannel::new)
            .filter(one -> !one.equals(last))
            .collect(Collectors.toSet());
    assertThat(others).hasSize(2046);
    accepted(book.submit(channelled("a", 2)));
    granted(placed(A1, others, share("n", 0), share("m", 0)));
    assertThat(channel("n")).hasValue(last);
    RunId b = accepted(book.submit(channelled("b", 1))).id();
    String none = refused(placed(b, others, share("z", 0)));
    assertThat(none)
        .isEqualTo(
            "b-r1: all 2047 IMEX channels are held by runs; it gets one when all nodes of such a run have said that nothing of it is left");
    book.report("n", JOURNAL, List.of(ended(1, A1, Outcome.exit(0))));
    reopen();
    assertThat(refused(placed(b, others, share("z", 0)))).as("m has it").isEqualTo(none);
    book.report("m", JOURNAL, List.of(ended(1, A1, Outcome.exit(0))));
    reopen();
    Set<ImexChannel> all = new HashSet<>(others);
    all.add(last);
    assertThat(refused(placed(b, all, share("z", 0)))).isEqualTo(none);
    granted(placed(b, others, share("z", 0)));
    assertThat(channel("z")).hasValue(last);
  }

  /** Of a store that is older than what the nodes know: they tell which it is. */
  @Test
  void anAdoptedRunHasTheChannelThatItsNodesHold() {
    accepted(book.submit(channelled("a", 2)));
    ImexChannel held = new ImexChannel(17);
    Remembered there =
        new Remembered(JobState.RUNNING, Optional.empty(), List.of("GPU-0"), Optional.of(held));
    book.reconcile(
        Map.of("n", Map.of(A1, there), "m", Map.of(A1, there)), Set.of(), Long.MAX_VALUE);
    assertThat(channel("n")).hasValue(held);
    reopen();
    assertThat(channel("m")).hasValue(held);
    assertThat(book.channels()).containsExactly(held);
  }

  @Test
  void theNextRunMeetsAtOtherPorts() {
    accepted(book.submit(spec("a", 1, 2)));
    Rendezvous first =
        granted(book.place(A1, reached("x", "y"))).grant().orElseThrow().rendezvous().orElseThrow();
    for (String node : List.of("x", "y")) {
      book.report(node, JOURNAL, List.of(ended(1, A1, Outcome.exit(1))));
    }
    accepted(book.submit(spec("a", 1, 2)));
    Run next = granted(book.place(new RunId("a", 2), reached("x", "y")));
    assertThat(next.grant().orElseThrow().rendezvous().orElseThrow().port())
        .isNotEqualTo(first.port());
  }
}
