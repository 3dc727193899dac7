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
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
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
  private final List<RunId> cancelled = new CopyOnWriteArrayList<>();

  JobChecksTest() throws IOException {
    node = new JobFixture();
    node.checker =
        new Checker() {
          @Override
          public void begin(Order order, Consumer<List<CheckResult>> done) {
            asked.add(order);
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
    return new JobSpec(
        plain.name(),
        plain.argv(),
        plain.env(),
        plain.cwd(),
        plain.user(),
        plain.project(),
        plain.priority(),
        plain.devices(),
        plain.nodes(),
        plain.timeLimitMs(),
        plain.stopGraceMs(),
        plain.memoryBytes(),
        plain.cpus(),
        plain.lease(),
        Optional.of(new JobChecks(List.of("devices", "links"), List.of("memory"), 60_000)));
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
    return room.testBegins(of).get(20, TimeUnit.SECONDS);
  }

  @Test
  void aTestAndAJobNeverHaveTheDevicesAtOnce() throws Exception {
    JobsRoom room = node.room();
    assertThat(begins(room, Optional.empty())).isEmpty();
    assertThat(begins(room, Optional.empty()))
        .contains("another test of the site runs on this node; wait for its end");
    JobSpec spec =
        JobFixture.with(node.shell("late", "exit 0"), OptionalLong.empty(), 500, 1, Map.of());
    node.want(room, spec, "GPU-1");
    assertThat(node.awaitEnd(room, "late").outcome().orElseThrow().detail())
        .isEqualTo("devices: a test of the site runs on this node; wait for its end");
    node.want(room, node.shell("host-alone", "exit 0"));
    assertThat(node.awaitEnd(room, "host-alone").outcome())
        .contains(Outcome.of(Outcome.Kind.COMPLETED));
    room.testEnded();

    node.want(room, checked("waits", "exit 0"), "GPU-1");
    node.awaitState(room, "waits", JobState.PREPARING);
    assertThat(begins(room, Optional.empty()).orElseThrow()).contains("would disturb waits-r1");
    assertThat(begins(room, Optional.of(new RunId("waits", 1)))).isEmpty();
    room.testEnded();
  }

  /** A wish and a test that come at the same moment: one of them has the devices. */
  @Test
  void whoeverAsksFirstHasThem() throws Exception {
    JobsRoom room = node.room();
    for (int i = 0; i < 20; i++) {
      String job = "race-" + i;
      JobSpec spec =
          JobFixture.with(node.shell(job, "exit 0"), OptionalLong.empty(), 500, 1, Map.of());
      List<Optional<String>> answers = new CopyOnWriteArrayList<>();
      Thread tester = Threads.platform("tester", () -> answers.add(asked(room)));
      tester.start();
      node.want(room, spec, "GPU-1");
      tester.join();
      Run end = node.awaitEnd(room, job);
      boolean testHadThem = answers.getFirst().isEmpty();
      boolean jobRan = end.outcome().equals(Optional.of(Outcome.of(Outcome.Kind.COMPLETED)));
      if (testHadThem) {
        room.testEnded();
      }
      // the job may end before the test asks, and then both had them, one after the other
      assertThat(testHadThem || jobRan).as(job).isTrue();
      assertThat(answers.getFirst().isPresent() && !jobRan).as(job).isFalse();
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
