package io.millwright.agent.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.launcher.Launch;
import io.millwright.agent.launcher.OutputPart;
import io.millwright.agent.launcher.Policy;
import io.millwright.agent.launcher.Unit;
import io.millwright.agent.launcher.Units;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What a node's owner wants done before a run, as the room of jobs asks for it: the units are the
 * test's, and say that they have done it when the test wants.
 */
class EquipTest {
  private static final RunId RUN = new RunId("job", 1);

  private final JobFixture node;

  EquipTest() throws IOException {
    node = new JobFixture();
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    node.close();
  }

  /** Writes down what it is asked for. */
  private static final class Hooked implements Units {
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private volatile Optional<Watcher> watcher = Optional.empty();

    Watcher watcher() {
      return watcher.orElseThrow();
    }

    @Override
    public String bootId() {
      return "boot-1";
    }

    @Override
    public Optional<String> refusal(Assignment assignment, Policy policy) {
      return Optional.empty();
    }

    @Override
    public List<Unit> list() {
      return List.of();
    }

    @Override
    public void watch(Watcher told) {
      watcher = Optional.of(told);
    }

    @Override
    public boolean prepares(Assignment assignment, Policy policy) {
      return true;
    }

    @Override
    public void prepare(Launch launch) {
      asked.add("prepare " + launch.run().text());
    }

    @Override
    public void abandon(RunId run) {
      asked.add("abandon " + run.text());
    }

    @Override
    public void start(Launch launch) {
      asked.add("start " + launch.run().text());
    }

    @Override
    public void stop(RunId run, Duration grace) {}

    @Override
    public void clean(RunId run, Duration grace) {}

    @Override
    public List<OutputPart> output(RunId run) {
      return List.of();
    }

    @Override
    public void forget(RunId run) {}

    @Override
    public void close() {}
  }

  private JobsRoom room(Units units) {
    JobsRoom room =
        new JobsRoom(
            new JobsRoom.Settings(
                JobFixture.NODE,
                node.state().resolve("journal"),
                node::execution,
                devices -> Optional.empty(),
                (uuid, since) -> Optional.empty()),
            units,
            Clock.system(),
            status -> {});
    room.start();
    JobFixture.soon().until(room::recovered);
    return room;
  }

  private static void awaited(Hooked units, String asked) {
    JobFixture.soon().until(() -> units.asked.contains(asked));
  }

  private void wanted(JobsRoom room, boolean hold) {
    node.ask(
        room,
        new Desired(
            JobFixture.TERM,
            room.head().generation() + 1,
            true,
            List.of(JobFixture.assignment(node.shell("job", "exit 0"))),
            List.of(),
            false,
            hold ? Set.of(RUN) : Set.of(),
            Map.of()));
  }

  @Test
  void nothingBeginsBeforeItIsDone() {
    Hooked units = new Hooked();
    try (JobsRoom room = room(units)) {
      wanted(room, false);
      awaited(units, "prepare job-r1");
      node.awaitState(room, "job", JobState.PREPARING);
      assertThat(units.asked).containsExactly("prepare job-r1");
      units.watcher().prepared(RUN, Optional.empty());
      awaited(units, "start job-r1");
      assertThat(units.asked).containsExactly("prepare job-r1", "start job-r1");
    }
  }

  @Test
  void whatWasNotDoneEndsTheRunAndIsUndone() {
    Hooked units = new Hooked();
    try (JobsRoom room = room(units)) {
      wanted(room, false);
      awaited(units, "prepare job-r1");
      units.watcher().prepared(RUN, Optional.of("hook scrub: no space is left"));
      assertThat(node.awaitEnd(room, "job").outcome())
          .contains(new Outcome(Outcome.Kind.PREPARE_FAILED, "hook scrub: no space is left"));
      awaited(units, "abandon job-r1");
      assertThat(units.asked).containsExactly("prepare job-r1", "abandon job-r1");
    }
  }

  @Test
  void aStopMeanwhileEndsItAndLateNewsBeginNothing() {
    Hooked units = new Hooked();
    try (JobsRoom room = room(units)) {
      wanted(room, false);
      awaited(units, "prepare job-r1");
      node.want(room, List.of(), List.of(JobFixture.cancel("job", 0)));
      assertThat(node.awaitEnd(room, "job").outcome())
          .contains(Outcome.of(Outcome.Kind.STOPPED_BY_REQUEST));
      awaited(units, "abandon job-r1");
      units.watcher().prepared(RUN, Optional.empty());
      node.want(room, node.shell("other", "exit 0")); // behind the news in the room's queue
      awaited(units, "prepare other-r1");
      assertThat(units.asked).doesNotContain("start job-r1");
    }
  }

  /** A member of a gang is ready only behind it, and what is let go is undone. */
  @Test
  void aMemberThatIsHeldIsReadyBehindItAndUndoneWhenLetGo() {
    Hooked units = new Hooked();
    try (JobsRoom room = room(units)) {
      wanted(room, true);
      awaited(units, "prepare job-r1");
      node.awaitState(room, "job", JobState.PREPARING);
      units.watcher().prepared(RUN, Optional.empty());
      node.awaitState(room, "job", JobState.READY);
    }
    Hooked later = new Hooked();
    try (JobsRoom room = room(later)) { // an agent that is begun anew has forgotten nothing of it
      node.awaitState(room, "job", JobState.READY);
      node.want(room, List.of(), List.of(JobFixture.cancel("job", 0)));
      node.awaitEnd(room, "job");
      awaited(later, "abandon job-r1");
      assertThat(later.asked).containsExactly("abandon job-r1");
    }
  }

  @Test
  void anAgentThatIsBegunAnewAsksAgain() {
    Hooked units = new Hooked();
    try (JobsRoom room = room(units)) {
      wanted(room, false);
      awaited(units, "prepare job-r1");
    }
    Hooked later = new Hooked();
    try (JobsRoom room = room(later)) {
      node.again(room, JobFixture.assignment(node.shell("job", "exit 0")));
      awaited(later, "prepare job-r1");
      later.watcher().prepared(RUN, Optional.empty());
      awaited(later, "start job-r1");
    }
  }
}
