package io.millwright.agent.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.records.Disk;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Term;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Jobs outlive the agent, and nothing about them is forgotten. */
class RestartTest {
  private final JobFixture node;

  RestartTest() throws IOException {
    node = new JobFixture();
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    node.close();
  }

  @Test
  void aRunningJobIsTakenUpAgain() throws IOException {
    JobsRoom before = node.room();
    node.want(
        before, node.shell("long", "echo $$ >pid; while [ ! -e go ]; do sleep 0.05; done; exit 7"));
    long pid = Long.parseLong(node.awaitFile("pid"));
    node.awaitState(before, "long", JobState.RUNNING);
    node.kill(before);
    assertThat(JobFixture.alive(pid)).isTrue();
    JobsRoom after = node.room();
    assertThat(JobFixture.run(after, "long").orElseThrow().state()).isEqualTo(JobState.RUNNING);
    assertThat(after.head().journal()).isEqualTo(before.head().journal());
    Files.createFile(node.open().resolve("go"));
    assertThat(node.awaitEnd(after, "long").outcome()).contains(Outcome.exit(7));
  }

  @Test
  void theExitCodeOfAJobThatEndedInBetweenIsKept() throws IOException {
    node.meter = (uuid, since) -> Optional.of(new EnergyMeter.Reading(1, "gpu"));
    JobsRoom before = node.room();
    node.want(
        before, node.shell("gone", "echo $$ >pid; while [ ! -e go ]; do sleep 0.05; done; exit 7"));
    long pid = Long.parseLong(node.awaitFile("pid"));
    node.awaitState(before, "gone", JobState.RUNNING);
    node.kill(before);
    Files.createFile(node.open().resolve("go"));
    JobFixture.soon().until(() -> !JobFixture.alive(pid));
    JobsRoom after = node.room();
    Run end = node.awaitEnd(after, "gone");
    assertThat(end.outcome()).contains(Outcome.exit(7));
    assertThat(end.usage().wallMs()).isPositive();
  }

  @Test
  void statusesAreToldUntilTheyAreAcknowledged() {
    JobsRoom room = node.room();
    node.want(room, node.shell("told", "exit 7"));
    node.awaitEnd(room, "told");
    JobFixture.soon().until(() -> room.unacknowledged().size() == 6);
    room.acknowledged(4);
    JobFixture.soon().until(() -> room.unacknowledged().size() == 2);
    node.kill(room);
    JobsRoom after = node.room();
    assertThat(after.unacknowledged()).extracting(Status::sequence).containsExactly(5L, 6L);
    assertThat(after.unacknowledged().getLast().outcome()).contains(Outcome.exit(7));
    after.acknowledged(6);
    JobFixture.soon().until(() -> after.unacknowledged().isEmpty());
    node.want(after, node.shell("next", "exit 0"));
    node.awaitEnd(after, "next");
    JobFixture.soon().until(() -> !after.unacknowledged().isEmpty());
    assertThat(after.unacknowledged().getFirst().sequence()).isEqualTo(7);
  }

  @Test
  void aStopGoesOnAfterTheRestart() throws IOException {
    JobsRoom before = node.room();
    node.want(
        before, node.shell("stubborn", "trap '' TERM; echo $$ >pid; while :; do sleep 0.1; done"));
    long pid = Long.parseLong(node.awaitFile("pid"));
    node.want(before, List.of(), List.of(JobFixture.cancel("stubborn", 700)));
    node.awaitState(before, "stubborn", JobState.STOPPING);
    node.kill(before);
    JobsRoom after = node.room();
    assertThat(node.awaitEnd(after, "stubborn").outcome())
        .contains(Outcome.of(Outcome.Kind.STOPPED_BY_REQUEST));
    assertThat(JobFixture.alive(pid)).isFalse();
  }

  @Test
  void theTimeLimitCountsFromTheBegin() throws IOException {
    JobsRoom before = node.room();
    JobSpec spec =
        JobFixture.with(
            node.shell("limited", "echo $$ >pid; sleep 600"),
            OptionalLong.of(2000),
            100,
            0,
            Map.of());
    node.want(before, spec);
    node.awaitFile("pid");
    node.awaitState(before, "limited", JobState.RUNNING);
    node.kill(before);
    Run end = node.awaitEnd(node.room(), "limited");
    assertThat(end.outcome()).contains(Outcome.of(Outcome.Kind.TIME_LIMIT));
    assertThat(end.usage().wallMs()).isBetween(1900L, 20_000L);
  }

  /** Its accelerators would be taken for ever: no collector knows it, and there is no process. */
  @Test
  void whatHadNotBegunEndsWithANewerStoreThatDoesNotKnowIt() {
    JobsRoom before = node.room();
    assertThat(before.testBegins(Optional.empty(), Duration.ofMinutes(1)).join()).isEmpty();
    JobSpec spec =
        JobFixture.with(node.shell("waits", "exit 0"), OptionalLong.empty(), 100, 1, Map.of());
    node.want(before, spec, "GPU-1");
    node.awaitState(before, "waits", JobState.PREPARING);
    node.kill(before);
    JobsRoom after = node.room();
    Term newer = new Term(2, 1, 9);
    long first = 1L << 32;
    node.want(after, List.of(), List.of());
    node.ask(after, new Desired(newer, first, true, List.of(), List.of(), true));
    assertThat(JobFixture.run(after, "waits").orElseThrow().state()).isEqualTo(JobState.ACCEPTED);
    Applied applied = node.ask(after, new Desired(newer, first + 1, true, List.of(), List.of()));
    assertThat(applied.held()).isEmpty();
    assertThat(node.awaitEnd(after, "waits").outcome().orElseThrow().kind())
        .isEqualTo(Outcome.Kind.REFUSED);
  }

  @Test
  void aUnitThatNoJournalKnowsIsToldAndNotKilled() throws IOException {
    JobsRoom before = node.room();
    JobSpec spec =
        JobFixture.with(
            node.shell("orphan", "echo $$ >pid; sleep 600"),
            OptionalLong.empty(),
            100,
            1,
            Map.of());
    node.want(before, spec, "GPU-1");
    long pid = Long.parseLong(node.awaitFile("pid"));
    node.want(before, node.shell("ended", "exit 7"));
    node.awaitEnd(before, "ended");
    node.kill(before);
    node.told.clear();
    try (Stream<Path> files = Files.list(node.state().resolve("journal"))) {
      files.forEach(file -> file.toFile().delete());
    }
    JobsRoom after = node.room();
    assertThat(JobFixture.alive(pid)).isTrue();
    assertThat(after.head().journal()).isNotEqualTo(before.head().journal());
    assertThat(after.unacknowledged())
        .filteredOn(status -> status.run().job().equals("orphan"))
        .first()
        .satisfies(status -> {
          assertThat(status.state()).isEqualTo(JobState.RUNNING);
          assertThat(status.detail()).contains("untracked");
        });
    assertThat(after.unacknowledged())
        .filteredOn(status -> status.run().job().equals("ended"))
        .first()
        .satisfies(status -> {
          assertThat(status.outcome()).contains(Outcome.of(Outcome.Kind.UNTRACKED));
          assertThat(status.detail()).contains("exit(7)");
        });
    JobSpec rival =
        JobFixture.with(node.shell("rival", "exit 0"), OptionalLong.empty(), 100, 1, Map.of());
    assertThat(node.want(after, rival, "GPU-1").results().getFirst().outcome().orElseThrow().text())
        .contains("held by run orphan-r1");
    assertThat(JobFixture.alive(pid)).isTrue();
    node.want(after, List.of(), List.of(JobFixture.cancel("orphan", 100)));
    node.awaitEnd(after, "orphan");
    assertThat(JobFixture.alive(pid)).isFalse();
  }

  @Test
  void aSupervisorThatWasKilledMakesTheRunUntracked() throws IOException {
    JobsRoom room = node.room();
    node.want(
        room, node.shell("widow", "echo $PPID >parent; echo $$ >pid; while :; do sleep 0.1; done"));
    long pid = Long.parseLong(node.awaitFile("pid"));
    long supervisor = Long.parseLong(node.awaitFile("parent"));
    node.awaitState(room, "widow", JobState.RUNNING);
    ProcessHandle.of(supervisor).orElseThrow().destroyForcibly();
    ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    assertThat(node.awaitEnd(room, "widow").outcome()).contains(Outcome.of(Outcome.Kind.UNTRACKED));
  }

  @Test
  void aFullDiskRefusesNewJobsAndLosesNoEnd() throws IOException {
    boolean[] full = {false};
    node.disk =
        new Disk() {
          @Override
          public void write(FileChannel to, ByteBuffer bytes) throws IOException {
            if (full[0]) {
              throw new IOException("No space left on device");
            }
            to.write(bytes);
          }
        };
    JobsRoom room = node.room();
    JobSpec spec = node.shell("tight", "while [ ! -e go ]; do sleep 0.05; done; exit 7");
    node.want(room, spec);
    node.awaitState(room, "tight", JobState.RUNNING);
    full[0] = true;
    assertThat(node.want(room, node.shell("more", "exit 0")).refusal().orElseThrow())
        .contains("No space left");
    Files.createFile(node.open().resolve("go"));
    node.awaitEnd(room, "tight");
    assertThat(node.told).extracting(Status::state).doesNotContain(JobState.ENDED);
    Applied again = node.again(room, JobFixture.assignment(spec));
    assertThat(again.refusal()).as("what is known is not refused").isEmpty();
    assertThat(again.results()).as("no end that a restart forgets").isEmpty();
    assertThat(again.held())
        .extracting(Applied.Held::run)
        .containsExactly(new RunId(spec.name(), 1));
    full[0] = false;
    JobFixture.soon().until(() -> node.told.stream().anyMatch(s -> s.state() == JobState.ENDED));
    node.kill(room);
    node.disk = Disk.real();
    assertThat(JobFixture.run(node.room(), "tight").orElseThrow().outcome())
        .contains(Outcome.exit(7));
  }

  @Test
  void aQuarantineStopsNothingAndStartsNothing() throws IOException {
    boolean[] sick = {false};
    node.disk =
        new Disk() {
          @Override
          public void force(FileChannel file) throws IOException {
            if (sick[0]) {
              throw new IOException("Input/output error");
            }
            file.force(false);
          }
        };
    JobsRoom room = node.room();
    node.want(room, node.shell("going", "echo $$ >pid; sleep 600"));
    long pid = Long.parseLong(node.awaitFile("pid"));
    node.awaitState(room, "going", JobState.RUNNING);
    sick[0] = true;
    assertThat(node.want(room, node.shell("none", "echo x >none")).refusal().orElseThrow())
        .contains("quarantine");
    assertThat(room.quarantine()).isPresent();
    assertThat(JobFixture.alive(pid)).isTrue();
    node.kill(room);
    node.disk = Disk.real();
    JobsRoom after = node.room();
    assertThat(after.quarantine()).isPresent();
    assertThat(JobFixture.run(after, "going").orElseThrow().state()).isEqualTo(JobState.RUNNING);
    node.want(after, List.of(), List.of(JobFixture.cancel("going", 100)));
    node.awaitEnd(after, "going");
    assertThat(node.open().resolve("none")).doesNotExist();
  }
}
