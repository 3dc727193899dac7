package io.millwright.agent.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Term;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real processes from a wish to their end. */
class JobsRoomTest {
  private JobFixture node;

  JobsRoomTest() throws IOException {
    node = new JobFixture();
  }

  @BeforeEach
  void freshNode() throws IOException {
    node.close();
    node = new JobFixture();
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    node.close();
  }

  @Test
  void aJobRunsToItsEndAndEveryStepIsTold() {
    JobsRoom room = node.room();
    Applied applied = node.want(room, node.shell("hello", "echo hi there"));
    assertThat(applied.refusal()).isEmpty();
    Run end = node.awaitEnd(room, "hello");
    assertThat(end.outcome()).contains(Outcome.of(Outcome.Kind.COMPLETED));
    JobFixture.soon().until(() -> node.told.stream().anyMatch(s -> s.state() == JobState.ENDED));
    assertThat(node.told)
        .extracting(Status::state)
        .containsExactly(
            JobState.ACCEPTED,
            JobState.PREPARING,
            JobState.STARTING,
            JobState.RUNNING,
            JobState.CLEANING,
            JobState.ENDED);
    assertThat(node.told).extracting(Status::sequence).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
    assertThat(node.told.getLast().outcome()).contains(Outcome.of(Outcome.Kind.COMPLETED));
  }

  @Test
  void whatItPrintsOnBothStreamsIsKept() throws IOException {
    JobsRoom room = node.room();
    node.want(room, node.shell("talk", "echo out; echo err >&2; cat; pwd"));
    node.awaitEnd(room, "talk");
    assertThat(JobFixture.output(room, "talk")).isEqualTo("out\nerr\n" + node.open() + "\n");
  }

  @Test
  void theExitCodeIsTold() {
    JobsRoom room = node.room();
    node.want(room, node.shell("seven", "exit 7"));
    assertThat(node.awaitEnd(room, "seven").outcome()).contains(Outcome.exit(7));
  }

  @Test
  void theSignalIsTold() {
    JobsRoom room = node.room();
    node.want(room, node.shell("shot", "kill -s KILL $$"));
    assertThat(node.awaitEnd(room, "shot").outcome()).contains(Outcome.signal(9));
  }

  @Test
  void aMissingProgramIsAStartThatFailed() {
    JobsRoom room = node.room();
    node.want(room, node.spec("none", node.open().resolve("no-such-program").toString()));
    Run end = node.awaitEnd(room, "none");
    assertThat(end.outcome().orElseThrow().kind()).isEqualTo(Outcome.Kind.START_FAILED);
    assertThat(end.outcome().orElseThrow().detail()).contains("no-such-program");
    assertThat(node.told).extracting(Status::state).doesNotContain(JobState.RUNNING);
  }

  @Test
  void theEnvironmentHoldsNothingOfTheAgent() throws IOException {
    JobsRoom room = node.room();
    JobSpec spec =
        JobFixture.with(
            node.spec("env", "/usr/bin/env"),
            OptionalLong.empty(),
            500,
            2,
            Map.of("GREETING", "a b\"$(id)`id`'", "LANG", "C"));
    node.want(room, spec, "GPU-b", "GPU-a");
    node.awaitEnd(room, "env");
    List<String> names =
        JobFixture.output(room, "env").lines().map(line -> line.split("=")[0]).sorted().toList();
    assertThat(names)
        .containsExactly(
            "CUDA_DEVICE_ORDER",
            "CUDA_VISIBLE_DEVICES",
            "GREETING",
            "HOME",
            "LANG",
            "LOGNAME",
            "MW_ATTEMPT",
            "MW_FENCE",
            "MW_JOB",
            "MW_RUN",
            "PATH",
            "PWD",
            "USER");
    assertThat(JobFixture.output(room, "env"))
        .contains("GREETING=a b\"$(id)`id`'\n")
        .contains("CUDA_VISIBLE_DEVICES=GPU-b,GPU-a\n")
        .contains("LANG=C\n")
        .contains("MW_JOB=env\n")
        .contains("MW_RUN=1\n");
  }

  @Test
  void rootIsLeftBehind() throws IOException {
    JobsRoom room = node.room();
    node.want(room, node.shell("who", "id -un; id -G; grep NoNewPrivs /proc/self/status"));
    node.awaitEnd(room, "who");
    assertThat(JobFixture.output(room, "who")).startsWith(JobFixture.user() + "\n");
    if (JobFixture.user().equals("nobody")) {
      assertThat(JobFixture.output(room, "who")).isEqualTo("nobody\n65534\nNoNewPrivs:\t1\n");
    }
  }

  @Test
  void argumentsAreNeverAShellsText() throws IOException {
    JobsRoom room = node.room();
    node.want(
        room, node.spec("args", "/usr/bin/printf", "%s|", "$(touch x)", ";", "a  b", "`id`", "-n"));
    node.awaitEnd(room, "args");
    assertThat(JobFixture.output(room, "args")).isEqualTo("$(touch x)|;|a  b|`id`|-n|");
    assertThat(node.open().resolve("x")).doesNotExist();
  }

  @Test
  void theTimeLimitStopsIt() {
    JobsRoom room = node.room();
    JobSpec spec =
        JobFixture.with(
            node.spec("slow", "/bin/sleep", "600"), OptionalLong.of(300), 500, 0, Map.of());
    node.want(room, spec);
    Run end = node.awaitEnd(room, "slow");
    assertThat(end.outcome()).contains(Outcome.of(Outcome.Kind.TIME_LIMIT));
    assertThat(end.usage().wallMs()).isBetween(290L, 20_000L);
    assertThat(end.detail()).contains("signal(15)");
  }

  @Test
  void cancelAsksFirst() throws IOException {
    JobsRoom room = node.room();
    node.want(
        room,
        node.shell("polite", "trap 'echo saved; exit 3' TERM; echo $$ >pid; sleep 600 & wait"));
    node.awaitFile("pid");
    node.want(room, List.of(), List.of(JobFixture.cancel("polite", 60_000)));
    Run end = node.awaitEnd(room, "polite");
    assertThat(end.outcome()).contains(Outcome.of(Outcome.Kind.STOPPED_BY_REQUEST));
    assertThat(end.detail()).contains("exit(3)");
    assertThat(JobFixture.output(room, "polite")).contains("saved");
  }

  @Test
  void cancelKillsTheWholeGroupAfterTheGrace() throws IOException {
    JobsRoom room = node.room();
    node.want(
        room,
        node.shell(
            "deaf",
            "trap '' TERM; (trap '' TERM; sleep 600) & echo $! >child; echo $$ >leader;"
                + " while :; do sleep 1; done"));
    long child = Long.parseLong(node.awaitFile("child"));
    long leader = Long.parseLong(node.awaitFile("leader"));
    node.want(room, List.of(), List.of(JobFixture.cancel("deaf", 300)));
    Run end = node.awaitEnd(room, "deaf");
    assertThat(end.outcome()).contains(Outcome.of(Outcome.Kind.STOPPED_BY_REQUEST));
    assertThat(end.detail()).contains("signal(9)");
    assertThat(JobFixture.alive(child)).isFalse();
    assertThat(JobFixture.alive(leader)).isFalse();
  }

  @Test
  void childrenThatOutliveTheProgramAreEnded() throws IOException {
    JobsRoom room = node.room();
    node.want(
        room,
        node.shell(
            "parent",
            "sleep 601 & echo $! >same; setsid sleep 602 & setsid sh -c 'echo $$ >away; exec sleep"
                + " 603' & while [ ! -s away ]; do :; done; exit 0"));
    Run end = node.awaitEnd(room, "parent");
    assertThat(end.outcome()).contains(Outcome.of(Outcome.Kind.COMPLETED));
    assertThat(JobFixture.alive(Long.parseLong(node.awaitFile("same")))).isFalse();
    assertThat(JobFixture.alive(Long.parseLong(node.awaitFile("away")))).isFalse();
  }

  @Test
  void outputIsBoundedAndTheNewestIsKept() throws IOException {
    node.limits = "output_bytes: 8192";
    JobsRoom room = node.room();
    node.want(
        room, node.shell("loud", "i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done"));
    Run end = node.awaitEnd(room, "loud");
    assertThat(end.outcome()).contains(Outcome.of(Outcome.Kind.COMPLETED));
    String kept = JobFixture.output(room, "loud");
    assertThat(kept.length()).isBetween(2048, 8192);
    assertThat(kept).endsWith("line 4999\n").doesNotContain("line 0\n");
  }

  /** What is printed in small pieces, with pauses, is no end of output and no broken pipe. */
  @Test
  void outputInSmallPiecesIsAllKept() throws IOException {
    JobsRoom room = node.room();
    node.want(
        room,
        node.shell(
            "slowly", "i=0; while [ $i -lt 12 ]; do echo part $i; sleep 0.03; i=$((i+1)); done"));
    assertThat(node.awaitEnd(room, "slowly").outcome())
        .contains(Outcome.of(Outcome.Kind.COMPLETED));
    assertThat(JobFixture.output(room, "slowly").lines()).hasSize(12).endsWith("part 11");
  }

  @Test
  void aDeviceIsNeverGivenTwice() throws IOException {
    JobsRoom room = node.room();
    JobSpec first =
        JobFixture.with(node.shell("first", "sleep 600"), OptionalLong.empty(), 100, 1, Map.of());
    JobSpec second =
        JobFixture.with(node.shell("second", "exit 0"), OptionalLong.empty(), 100, 1, Map.of());
    node.want(room, first, "GPU-1");
    node.awaitState(room, "first", JobState.RUNNING);
    Applied refused = node.want(room, second, "GPU-1");
    assertThat(refused.results().getFirst().outcome().orElseThrow().text())
        .contains("'GPU-1' is held by run first-r1");
    node.want(room, List.of(), List.of(JobFixture.cancel("first", 100)));
    node.awaitEnd(room, "first");
  }

  @Test
  void twoOfOneWishDoNotGetTheSameDevice() {
    JobsRoom room = node.room();
    JobSpec first =
        JobFixture.with(node.shell("first", "exit 0"), OptionalLong.empty(), 100, 1, Map.of());
    JobSpec second =
        JobFixture.with(node.shell("second", "exit 0"), OptionalLong.empty(), 100, 1, Map.of());
    Applied applied =
        node.want(
            room,
            List.of(JobFixture.assignment(first, "GPU-1"), JobFixture.assignment(second, "GPU-1")),
            List.of());
    assertThat(applied.results().get(1).outcome().orElseThrow().kind())
        .isEqualTo(Outcome.Kind.REFUSED);
    assertThat(node.awaitEnd(room, "first").outcome()).contains(Outcome.of(Outcome.Kind.COMPLETED));
  }

  @Test
  void aRepeatedWishStartsNothingTwice() throws IOException {
    JobsRoom room = node.room();
    JobSpec spec = node.shell("once", "echo x >>starts");
    node.want(room, spec);
    node.awaitEnd(room, "once");
    assertThat(node.again(room, JobFixture.assignment(spec)).results().getFirst().outcome())
        .contains(Outcome.of(Outcome.Kind.COMPLETED));
    node.want(room, spec);
    assertThat(node.awaitFile("starts")).isEqualTo("x");
  }

  @Test
  void anotherJobUnderTheSameRunIsRefused() {
    JobsRoom room = node.room();
    node.want(room, node.shell("same", "exit 0"));
    node.awaitEnd(room, "same");
    Applied applied = node.want(room, node.shell("same", "exit 1"));
    assertThat(applied.results().getFirst().outcome().orElseThrow().text())
        .contains("another job is known here as run same-r1");
    assertThat(JobFixture.run(room, "same").orElseThrow().outcome())
        .contains(Outcome.of(Outcome.Kind.COMPLETED));
  }

  @Test
  void olderAndContradictingWishesAreRefusedAndStopNothing() {
    JobsRoom room = node.room();
    JobSpec spec = node.shell("steady", "sleep 600");
    node.ask(
        room,
        new Desired(new Term(1, 5, 1), 7, true, List.of(JobFixture.assignment(spec)), List.of()));
    node.awaitState(room, "steady", JobState.RUNNING);
    List<Stop> stop = List.of(JobFixture.cancel("steady", 100));
    Applied older = node.ask(room, new Desired(new Term(1, 4, 1), 9, true, List.of(), stop));
    Applied behind = node.ask(room, new Desired(new Term(1, 5, 1), 6, true, List.of(), stop));
    Applied twin = node.ask(room, new Desired(new Term(1, 5, 2), 8, true, List.of(), stop));
    Applied far = node.ask(room, new Desired(new Term(1, 1L << 40, 2), 8, true, List.of(), stop));
    Applied gap = node.ask(room, new Desired(new Term(1, 5, 1), 9, false, List.of(), stop));
    assertThat(List.of(older, behind, twin, far, gap))
        .allSatisfy(applied -> {
          assertThat(applied.refusal()).isPresent();
          assertThat(applied.term()).isEqualTo(new Term(1, 5, 1));
          assertThat(applied.generation()).isEqualTo(7);
        });
    assertThat(twin.refusal().orElseThrow()).contains("another start");
    Applied empty = node.ask(room, new Desired(new Term(1, 5, 1), 8, true, List.of(), List.of()));
    assertThat(empty.refusal()).isEmpty();
    assertThat(empty.held())
        .containsExactly(new Applied.Held(new RunId("steady", 1), List.of(), Optional.empty()));
    assertThat(JobFixture.run(room, "steady").orElseThrow().state()).isEqualTo(JobState.RUNNING);
    node.ask(room, new Desired(new Term(1, 5, 1), 9, false, List.of(), stop));
    node.awaitEnd(room, "steady");
  }

  /**
   * What a collector asks that lost its book: another generation of its store, and nothing to do.
   */
  @Test
  void anEmptyWishOfAnotherGenerationStopsNothingAndRecallsAll() {
    JobsRoom room = node.room();
    node.want(
        room,
        List.of(
            JobFixture.assignment(node.shell("steady", "sleep 600")),
            JobFixture.assignment(node.shell("over", "exit 7"))),
        List.of(JobFixture.cancel("never", 100)));
    node.awaitState(room, "steady", JobState.RUNNING);
    node.awaitEnd(room, "over");
    Desired recall = new Desired(new Term(2, 1, 9), 1L << 32, true, List.of(), List.of(), true);
    for (int i = 0; i < 2; i++) { // an answer may be lost
      Applied applied = node.ask(room, recall);
      assertThat(applied.refusal()).isEmpty();
      assertThat(applied.results())
          .containsExactlyInAnyOrder(
              new Applied.Result(new RunId("steady", 1), JobState.RUNNING, Optional.empty()),
              new Applied.Result(
                  new RunId("over", 1), JobState.ENDED, Optional.of(Outcome.exit(7))),
              new Applied.Result(
                  new RunId("never", 1),
                  JobState.ENDED,
                  Optional.of(Outcome.of(Outcome.Kind.STOPPED_BY_REQUEST))));
      assertThat(applied.results().getFirst().run())
          .as("what goes on is said first: the end of a long answer is left out")
          .isEqualTo(new RunId("steady", 1));
      assertThat(applied.held())
          .extracting(Applied.Held::run)
          .containsExactly(new RunId("steady", 1));
    }
    assertThat(JobFixture.run(room, "steady").orElseThrow().state()).isEqualTo(JobState.RUNNING);

    List<Stop> stops = List.of(JobFixture.cancel("steady", 100));
    node.ask(room, new Desired(recall.term(), recall.generation() + 1, false, List.of(), stops));
    node.awaitEnd(room, "steady");
  }

  @Test
  void aStopThatCameFirstKeepsTheRunFromBeginning() throws IOException {
    JobsRoom room = node.room();
    node.want(room, List.of(), List.of(JobFixture.cancel("late", 100)));
    node.kill(room);
    room = node.room();
    Applied applied = node.want(room, node.shell("late", "echo x >>starts"));
    assertThat(applied.results().getFirst().outcome().orElseThrow().text())
        .isEqualTo("refused(its stop came before it)");
    assertThat(node.open().resolve("starts")).doesNotExist();
  }

  @Test
  void aStopInTheSameWishAsTheStartWins() throws IOException {
    JobsRoom room = node.room();
    node.want(
        room,
        List.of(JobFixture.assignment(node.shell("both", "echo x >>starts"))),
        List.of(JobFixture.cancel("both", 100)));
    assertThat(node.awaitEnd(room, "both").outcome().orElseThrow().kind())
        .isEqualTo(Outcome.Kind.REFUSED);
    assertThat(node.open().resolve("starts")).doesNotExist();
  }

  @Test
  void usageIsTheDifferenceOfTheCounters() {
    AtomicInteger reads = new AtomicInteger();
    node.meter =
        (uuid, since) ->
            Optional.of(new EnergyMeter.Reading(100 + 25.0 * reads.getAndIncrement(), "gpu"));
    JobsRoom room = node.room();
    JobSpec spec =
        JobFixture.with(node.shell("used", "sleep 0.2"), OptionalLong.empty(), 100, 2, Map.of());
    node.want(room, spec, "GPU-1", "GPU-2");
    Run end = node.awaitEnd(room, "used");
    assertThat(end.usage().joules()).hasValue(100);
    assertThat(end.usage().energyScope()).isEqualTo("gpu");
    assertThat(end.usage().wallMs()).isBetween(190L, 20_000L);
    assertThat(end.usage().deviceSeconds()).isEqualTo(end.usage().wallMs() * 2 / 1000.0);
  }

  @Test
  void aMissingCounterMakesNoEnergyUp() {
    node.meter =
        (uuid, since) ->
            uuid.equals("GPU-1")
                ? Optional.of(new EnergyMeter.Reading(5, "gpu"))
                : Optional.empty();
    JobsRoom room = node.room();
    JobSpec spec =
        JobFixture.with(node.shell("dark", "exit 0"), OptionalLong.empty(), 100, 2, Map.of());
    node.want(room, spec, "GPU-1", "GPU-2");
    assertThat(node.awaitEnd(room, "dark").usage().joules()).isEmpty();
  }

  @Test
  void withoutAPolicyNothingRuns() throws IOException {
    Files.writeString(node.policy(), "users: [a]\nusers: [b]\n");
    JobsRoom room = node.room();
    Applied applied = node.want(room, node.shell("never", "exit 0"));
    assertThat(applied.results().getFirst().outcome().orElseThrow().text())
        .contains("no job runs here", "'users' is there twice");
  }

  @Test
  void aDeviceThatTheNodeDoubtsIsNotGiven() {
    node.gate = devices -> Optional.of("GPU-1 needs a reset");
    JobsRoom room = node.room();
    JobSpec spec =
        JobFixture.with(node.shell("ill", "exit 0"), OptionalLong.empty(), 100, 1, Map.of());
    Applied applied = node.want(room, spec, "GPU-1");
    assertThat(applied.results().getFirst().outcome())
        .contains(Outcome.refused("GPU-1 needs a reset"));
  }
}
