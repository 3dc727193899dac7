package io.millwright.agent.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.CheckResult;
import io.millwright.protocol.vocabulary.job.CheckResult.Result;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.DeviceSet;
import io.millwright.protocol.vocabulary.job.JobChecks;
import io.millwright.protocol.vocabulary.job.JobChecks.Moment;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Checks around real processes; what they find is played, when they find it too. */
class JobChecksTest {
  private final JobFixture node;
  private final List<Checker.Order> asked = new CopyOnWriteArrayList<>();
  private final Map<Moment, Result> found = new ConcurrentHashMap<>();
  private final Map<RunId, Runnable> answers = new ConcurrentHashMap<>();
  private final List<RunId> cancelled = new CopyOnWriteArrayList<>();

  JobChecksTest() throws IOException {
    node = new JobFixture();
    node.checker =
        new Checker() {
          @Override
          public void begin(Order order, Consumer<List<CheckResult>> done) {
            asked.add(order);
            answers.put(order.run(), () -> done.accept(results(order, Result.PASSED)));
            Result result = found.get(order.moment());
            if (result != null) {
              Threads.platform("found", () -> done.accept(results(order, result))).start();
            }
          }

          @Override
          public void cancel(RunId run) {
            cancelled.add(run);
          }
        };
  }

  private static List<CheckResult> results(Checker.Order order, Result result) {
    return order.checks().stream()
        .map(check -> new CheckResult(order.moment(), check, result, "as it is played"))
        .toList();
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    node.close();
  }

  private JobSpec checked(String job, String script) {
    JobSpec plain =
        JobFixture.with(node.shell(job, script), OptionalLong.empty(), 500, 1, Map.of());
    return plain.with(new JobChecks(List.of("devices", "links"), List.of("memory"), 60_000));
  }

  @Test
  void whatPassesIsRunAndBothLooksAreKept() {
    found.put(Moment.BEFORE, Result.PASSED);
    found.put(Moment.AFTER, Result.PASSED);
    JobsRoom room = node.room();
    node.want(room, checked("good", "exit 0"), "GPU-1");
    Run end = node.awaitEnd(room, "good");

    assertThat(end.outcome()).contains(Outcome.of(Outcome.Kind.COMPLETED));
    assertThat(asked)
        .extracting(Checker.Order::moment)
        .containsExactly(Moment.BEFORE, Moment.AFTER);
    assertThat(asked.getFirst().devices())
        .isEqualTo(new DeviceSet(DeviceKind.GPU, List.of("GPU-1")));
    assertThat(end.checks())
        .extracting(CheckResult::check)
        .containsExactly("devices", "links", "memory");
    node.kill(room);
    assertThat(JobFixture.run(node.room(), "good").orElseThrow().checks()).isEqualTo(end.checks());
  }

  @Test
  void whatFailsBeforeRefusesTheRunWithItsSentence() {
    found.put(Moment.BEFORE, Result.FAILED);
    JobsRoom room = node.room();
    node.want(room, checked("sick", "echo never >never"), "GPU-1");
    Run end = node.awaitEnd(room, "sick");

    assertThat(end.outcome())
        .contains(
            new Outcome(Outcome.Kind.PREPARE_FAILED, "check devices failed: as it is played"));
    assertThat(node.open().resolve("never")).doesNotExist();
    assertThat(asked).hasSize(1); // what never began is not looked at afterwards
    node.want(room, node.shell("next", "exit 0"));
    assertThat(node.awaitEnd(room, "next").outcome()).contains(Outcome.of(Outcome.Kind.COMPLETED));
  }

  @Test
  void whatIsNotKnownBeforeRefusesTheRunToo() {
    found.put(Moment.BEFORE, Result.UNKNOWN);
    JobsRoom room = node.room();
    node.want(room, checked("unclear", "exit 0"), "GPU-1");
    assertThat(node.awaitEnd(room, "unclear").outcome().orElseThrow().detail())
        .isEqualTo("check devices unknown: as it is played");
  }

  @Test
  void whatFailsAfterChangesNothingOfTheOutcome() {
    found.put(Moment.BEFORE, Result.SKIPPED);
    found.put(Moment.AFTER, Result.FAILED);
    JobsRoom room = node.room();
    node.want(room, checked("seven", "exit 7"), "GPU-1");
    Run end = node.awaitEnd(room, "seven");
    assertThat(end.outcome()).contains(Outcome.exit(7));
    assertThat(end.checks().getLast().result()).isEqualTo(Result.FAILED);
  }

  /** The thread of jobs goes on: another job runs meanwhile, and the devices stay taken. */
  @Test
  void aCheckThatHangsHoldsUpNoOtherJobAndIsCancelledWithItsRun() {
    JobsRoom room = node.room();
    node.want(room, checked("waits", "exit 0"), "GPU-1");
    node.awaitState(room, "waits", JobState.PREPARING);
    node.want(room, node.shell("other", "exit 0"));
    node.awaitEnd(room, "other");
    node.want(
        room,
        JobFixture.with(node.shell("same", "exit 0"), OptionalLong.empty(), 500, 1, Map.of()),
        "GPU-1");
    assertThat(node.awaitEnd(room, "same").outcome().orElseThrow().detail())
        .contains("held by run waits-r1");
    node.want(room, List.of(), List.of(JobFixture.cancel("waits", 0)));
    assertThat(node.awaitEnd(room, "waits").outcome())
        .contains(Outcome.of(Outcome.Kind.STOPPED_BY_REQUEST));
    assertThat(cancelled).contains(new RunId("waits", 1));
  }

  @Test
  void anAgentThatIsKilledInTheMiddleLooksAgain() {
    JobSpec spec = checked("twice", "exit 7");
    JobsRoom first = node.room();
    node.want(first, spec, "GPU-1");
    node.awaitState(first, "twice", JobState.PREPARING);
    node.kill(first);

    found.put(Moment.BEFORE, Result.PASSED);
    JobsRoom second = node.room();
    node.again(second, JobFixture.assignment(spec, "GPU-1"));
    JobFixture.soon().until(() -> asked.getLast().moment() == Moment.AFTER);
    assertThat(JobFixture.run(second, "twice").orElseThrow().state()).isEqualTo(JobState.CLEANING);
    node.kill(second);

    found.put(Moment.AFTER, Result.FAILED);
    Run end = node.awaitEnd(node.room(), "twice");
    assertThat(end.outcome()).contains(Outcome.exit(7));
    assertThat(end.checks())
        .extracting(one -> one.moment() + " " + one.check() + " " + one.result())
        .containsExactly("BEFORE devices PASSED", "BEFORE links PASSED", "AFTER memory FAILED");
    assertThat(asked)
        .extracting(Checker.Order::moment)
        .containsExactly(Moment.BEFORE, Moment.BEFORE, Moment.AFTER, Moment.AFTER);
  }

  // ---- the deadline

  /** Time that passes when the test says so. */
  private static final class Hand implements Clock {
    private long now;

    @Override
    public long nanos() {
      return now;
    }

    @Override
    public Instant wall() {
      return Instant.EPOCH;
    }

    @Override
    public void parkUntil(long nanos) {}
  }

  @Test
  void whatDoesNotAnswerIsUnknownByItsDeadlineAndALateAnswerCountsForNothing() {
    Hand clock = new Hand();
    List<Checking.Done> told = new ArrayList<>();
    List<Consumer<List<CheckResult>>> waiting = new ArrayList<>();
    Checker silent =
        new Checker() {
          @Override
          public void begin(Order order, Consumer<List<CheckResult>> done) {
            waiting.add(done);
          }

          @Override
          public void cancel(RunId run) {
            cancelled.add(run);
          }
        };
    Checking checking = new Checking(silent, Runnable::run, told::add, clock);
    Assignment assignment = JobFixture.assignment(checked("slow", "exit 0"), "GPU-1");
    checking.begin(assignment, Moment.BEFORE);
    clock.now = Duration.ofSeconds(60).toNanos();
    checking.tick();
    assertThat(told).isEmpty(); // a program of the site may take some seconds to be ended
    clock.now = Duration.ofSeconds(75).toNanos();
    checking.tick();
    assertThat(told).hasSize(1);
    assertThat(told.getFirst().refusal())
        .contains("check devices unknown: it gave no answer by its deadline");
    assertThat(cancelled).containsExactly(assignment.id());
    waiting.getFirst().accept(List.of());
    assertThat(told).hasSize(1);
  }

  // ---- tests of the site and jobs

  private static Optional<String> begins(JobsRoom room, Optional<RunId> of) throws Exception {
    return room.testBegins(of, Duration.ZERO).get(60, TimeUnit.SECONDS);
  }

  private static JobSpec device(JobSpec spec) {
    return JobFixture.with(spec, OptionalLong.empty(), 500, 1, Map.of());
  }

  /** One more turn of the room is over, and with it whatever it would have done. */
  private void aTurn(JobsRoom room, String job) {
    node.want(room, node.shell(job, "exit 0"));
    assertThat(node.awaitEnd(room, job).outcome()).contains(Outcome.of(Outcome.Kind.COMPLETED));
  }

  @Test
  void aTestAndAJobNeverHaveTheDevicesAtOnce() throws Exception {
    JobsRoom room = node.room();
    assertThat(begins(room, Optional.empty())).isEmpty();
    assertThat(begins(room, Optional.empty()))
        .contains("another test of the site runs on this node; wait for its end");
    node.want(room, device(node.shell("late", "exit 0")), "GPU-1");
    node.awaitState(room, "late", JobState.PREPARING);
    aTurn(room, "host-alone");
    assertThat(JobFixture.run(room, "late").orElseThrow().state()).isEqualTo(JobState.PREPARING);
    room.testEnded();
    assertThat(node.awaitEnd(room, "late").outcome()).contains(Outcome.of(Outcome.Kind.COMPLETED));

    node.want(room, checked("waits", "exit 0"), "GPU-1");
    node.awaitState(room, "waits", JobState.PREPARING);
    assertThat(begins(room, Optional.empty()).orElseThrow()).contains("would disturb waits-r1");
    assertThat(begins(room, Optional.of(new RunId("waits", 1)))).isEmpty();
    room.testEnded();
  }

  @Test
  void aRunThatWaitsForATestIsStoppedAtOnceAndBegunAgainAfterARestart() throws Exception {
    JobsRoom room = node.room();
    assertThat(begins(room, Optional.empty())).isEmpty();
    JobSpec late = device(node.shell("late", "exit 0"));
    node.want(room, device(node.shell("stopped", "exit 0")), "GPU-1");
    node.awaitState(room, "stopped", JobState.PREPARING);
    node.want(room, List.of(), List.of(JobFixture.cancel("stopped", 0)));
    assertThat(node.awaitEnd(room, "stopped").outcome())
        .contains(Outcome.of(Outcome.Kind.STOPPED_BY_REQUEST));
    node.want(room, late, "GPU-1");
    node.awaitState(room, "late", JobState.PREPARING);
    node.kill(room);

    JobsRoom second = node.room();
    node.again(second, JobFixture.assignment(late, "GPU-1"));
    assertThat(node.awaitEnd(second, "late").outcome())
        .contains(Outcome.of(Outcome.Kind.COMPLETED));
  }

  /** Two jobs that come together: each is tested, one after the other, and both run. */
  @Test
  void testsOfTwoJobsFollowEachOther() throws Exception {
    JobsRoom room = node.room();
    node.want(room, checked("one", "exit 0"), "GPU-1");
    node.want(room, checked("two", "exit 0"), "GPU-2");
    node.awaitState(room, "one", JobState.PREPARING);
    node.awaitState(room, "two", JobState.PREPARING);
    RunId one = new RunId("one", 1);
    RunId two = new RunId("two", 1);
    CompletableFuture<Optional<String>> first =
        room.testBegins(Optional.of(one), Duration.ofMinutes(10));
    CompletableFuture<Optional<String>> second =
        room.testBegins(Optional.of(two), Duration.ofMinutes(10));
    assertThat(first.get(60, TimeUnit.SECONDS)).isEmpty();
    aTurn(room, "turn-1");
    assertThat(second).isNotDone();

    room.testEnded();
    found.put(Moment.AFTER, Result.PASSED);
    Objects.requireNonNull(answers.get(one)).run();
    assertThat(second.get(60, TimeUnit.SECONDS)).isEmpty();
    aTurn(room, "turn-2");
    assertThat(JobFixture.run(room, "one").orElseThrow().state())
        .as("it was tested, and waits for the other's test")
        .isEqualTo(JobState.PREPARING);
    room.testEnded();
    Objects.requireNonNull(answers.get(two)).run();
    for (String job : List.of("one", "two")) {
      assertThat(node.awaitEnd(room, job).outcome()).contains(Outcome.of(Outcome.Kind.COMPLETED));
    }
  }

  @Test
  void aTestWaitsForARunningJobAndIsRefusedWhereThatGoesOn() throws Exception {
    JobsRoom room = node.room();
    node.want(room, device(node.shell("busy", "while [ ! -e end ]; do sleep 0.05; done")), "GPU-1");
    node.awaitState(room, "busy", JobState.RUNNING);
    node.want(room, checked("tested", "exit 0"), "GPU-2");
    node.awaitState(room, "tested", JobState.PREPARING);
    Optional<RunId> of = Optional.of(new RunId("tested", 1));
    assertThat(begins(room, of).orElseThrow()).contains("would disturb busy-r1");
    CompletableFuture<Optional<String>> late = room.testBegins(of, Duration.ofMinutes(10));
    CompletableFuture<Optional<String>> gone = room.testBegins(of, Duration.ofMinutes(10));
    aTurn(room, "turn");
    assertThat(late).isNotDone();
    gone.cancel(false);
    Files.createFile(node.open().resolve("end"));
    assertThat(late.get(60, TimeUnit.SECONDS)).isEmpty();
    room.testEnded();
  }

  /** A wish and a test that come at the same moment: one of them has the devices. */
  @Test
  void whoeverAsksFirstHasThem() throws Exception {
    JobsRoom room = node.room();
    for (int i = 0; i < 20; i++) {
      String job = "race-" + i;
      List<Optional<String>> heard = new CopyOnWriteArrayList<>();
      Thread tester = Threads.platform("tester", () -> heard.add(asked(room)));
      tester.start();
      node.want(room, device(node.shell(job, "exit 0")), "GPU-1");
      tester.join();
      if (heard.getFirst().isEmpty()) {
        JobFixture.soon().until(() -> JobFixture.run(room, job).isPresent());
        aTurn(room, "turn-" + i);
        // the job may have ended before the test asked, and then both had them, one after the other
        assertThat(JobFixture.run(room, job).orElseThrow().state())
            .as(job)
            .isIn(JobState.PREPARING, JobState.ENDED);
        room.testEnded();
      }
      assertThat(node.awaitEnd(room, job).outcome())
          .as(job)
          .contains(Outcome.of(Outcome.Kind.COMPLETED));
    }
  }

  private static Optional<String> asked(JobsRoom room) {
    try {
      return begins(room, Optional.empty());
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  // ---- what was kept before there were checks

  @Test
  void aSpecWithoutChecksKeepsItsFingerprint() {
    String text =
        new String(EntryJson.bytes(JournalWords.assignment("a").spec()), StandardCharsets.UTF_8);
    assertThat(text).doesNotContain("checks");
  }
}
