package io.millwright.agent.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A member of a gang on its node: ready, and then begun or let go. Real processes. */
class HoldTest {
  private static final RunId GANG = new RunId("gang", 1);

  private JobFixture node;
  private Leaping clock = new Leaping();

  HoldTest() throws IOException {
    node = new JobFixture();
  }

  /** The system's, some time ahead. */
  private static final class Leaping implements Clock {
    private volatile long aheadNanos;

    @Override
    public long nanos() {
      return Clock.system().nanos() + aheadNanos;
    }

    @Override
    public Instant wall() {
      return Clock.system().wall().plusNanos(aheadNanos);
    }

    @Override
    public void parkUntil(long nanos) {
      Clock.system().parkUntil(nanos - aheadNanos);
    }

    void leap(Duration time) {
      aheadNanos = Duration.ofNanos(aheadNanos).plus(time).toNanos();
    }
  }

  @BeforeEach
  void freshNode() throws IOException {
    node.close();
    node = new JobFixture();
    clock = new Leaping();
    node.clock = clock;
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    node.close();
  }

  private Path began() {
    return node.open().resolve("began");
  }

  private Assignment member() {
    return JobFixture.assignment(node.shell("gang", "touch " + began()));
  }

  private Applied told(JobsRoom room, boolean hold) {
    return told(room, member(), hold);
  }

  private Applied told(JobsRoom room, Assignment member, boolean hold) {
    return node.ask(
        room,
        new Desired(
            JobFixture.TERM,
            room.head().generation() + 1,
            true,
            List.of(member),
            List.of(),
            false,
            hold ? Set.of(GANG) : Set.of(),
            Map.of()));
  }

  private JobsRoom held() {
    JobsRoom room = node.room();
    assertThat(told(room, true).refusal()).isEmpty();
    node.awaitState(room, "gang", JobState.READY);
    return room;
  }

  private List<JobState> states() {
    return node.told.stream().map(Status::state).toList();
  }

  @Test
  void aHeldMemberGetsReadyAndBeginsWithItsGo() {
    JobsRoom room = held();
    told(room, true);
    assertThat(JobFixture.run(room, "gang").orElseThrow().state()).isEqualTo(JobState.READY);
    assertThat(room.standing())
        .as("what a heartbeat says")
        .contains(new JobsRoom.Standing(3, new TreeMap<>(Map.of(GANG, JobState.READY))));
    assertThat(began()).doesNotExist();
    told(room, false);
    assertThat(node.awaitEnd(room, "gang").outcome()).contains(Outcome.of(Outcome.Kind.COMPLETED));
    assertThat(began()).exists();
    JobFixture.soon().until(() -> states().contains(JobState.ENDED));
    assertThat(room.standing()).contains(new JobsRoom.Standing(7, new TreeMap<>()));
    assertThat(states())
        .containsExactly(
            JobState.ACCEPTED,
            JobState.PREPARING,
            JobState.READY,
            JobState.STARTING,
            JobState.RUNNING,
            JobState.CLEANING,
            JobState.ENDED);
  }

  @Test
  void aHeldMemberOfAGangThatFailedNeverBegins() {
    JobsRoom room = held();
    node.want(
        room,
        List.of(),
        List.of(new Stop(GANG, Outcome.of(Outcome.Kind.GROUP_FAILED), OptionalLong.of(500))));
    assertThat(node.awaitEnd(room, "gang").outcome())
        .contains(Outcome.of(Outcome.Kind.GROUP_FAILED));
    JobFixture.soon().until(() -> states().contains(JobState.ENDED));
    assertThat(states())
        .containsExactly(JobState.ACCEPTED, JobState.PREPARING, JobState.READY, JobState.ENDED);
    assertThat(began()).doesNotExist();
  }

  @Test
  void aDeviceThatFailsMeanwhileIsSeenBeforeItBegins() {
    JobsRoom room = held();
    node.gate = devices -> Optional.of("GPU-0 has fallen off the bus");
    told(room, false);
    assertThat(node.awaitEnd(room, "gang").outcome())
        .contains(new Outcome(Outcome.Kind.PREPARE_FAILED, "GPU-0 has fallen off the bus"));
    assertThat(began()).doesNotExist();
  }

  /** It is held by the next agent, which begins nothing by itself. */
  @Test
  void anAgentThatIsKilledLeavesTheHoldToTheNext() {
    node.kill(held());
    JobsRoom after = node.room();
    assertThat(JobFixture.run(after, "gang").orElseThrow().state()).isEqualTo(JobState.READY);
    told(after, true);
    assertThat(JobFixture.run(after, "gang").orElseThrow().state()).isEqualTo(JobState.READY);
    assertThat(began()).doesNotExist();
    told(after, false);
    node.awaitEnd(after, "gang");
    assertThat(began()).exists();
  }

  /** Its go came before the kill: it is never held again, whatever a later state says. */
  @Test
  void whatHasGoneIsNotHeldAgain() throws IOException {
    JobsRoom room = held();
    told(room, false);
    node.awaitEnd(room, "gang");
    Files.delete(began());
    node.kill(room);
    JobsRoom after = node.room();
    told(after, true);
    assertThat(JobFixture.run(after, "gang").orElseThrow().state()).isEqualTo(JobState.ENDED);
    assertThat(began()).doesNotExist();
  }

  @Test
  void aMemberWhoseCollectorIsGoneLetsGoByItself() {
    JobsRoom room = held();
    clock.leap(Duration.ofSeconds(50));
    room.heard();
    clock.leap(Duration.ofSeconds(50));
    told(room, true);
    assertThat(JobFixture.run(room, "gang").orElseThrow().state())
        .as("it was heard 50 s ago")
        .isEqualTo(JobState.READY);
    clock.leap(Duration.ofSeconds(10));
    assertThat(node.awaitEnd(room, "gang").outcome())
        .contains(Outcome.of(Outcome.Kind.GROUP_FAILED));
    told(room, false);
    assertThat(JobFixture.run(room, "gang").orElseThrow().state()).isEqualTo(JobState.ENDED);
    assertThat(began()).doesNotExist();
  }

  @Test
  void theNextAgentAlsoLetsGoWithoutACollector() {
    node.kill(held());
    JobsRoom after = node.room();
    clock.leap(Duration.ofSeconds(60));
    assertThat(node.awaitEnd(after, "gang").outcome())
        .contains(Outcome.of(Outcome.Kind.GROUP_FAILED));
    assertThat(began()).doesNotExist();
  }

  /** Else two gangs, each ready on one node and to be tested on the other, wait for each other. */
  @Test
  void aTestOfAnotherRunPassesWhatIsReadyWhichBeginsAfterIt() throws Exception {
    Assignment member =
        JobFixture.assignment(
            JobFixture.with(
                node.shell("gang", "touch " + began()), OptionalLong.empty(), 500, 1, Map.of()),
            "GPU-1");
    JobsRoom room = node.room();
    told(room, member, true);
    node.awaitState(room, "gang", JobState.READY);
    assertThat(
            room.testBegins(Optional.of(new RunId("other", 1)), Duration.ZERO)
                .get(60, TimeUnit.SECONDS))
        .isEmpty();
    told(room, member, false);
    clock.leap(Duration.ofSeconds(61));
    node.want(room, node.shell("turn", "exit 0"));
    node.awaitEnd(room, "turn");
    assertThat(JobFixture.run(room, "gang").orElseThrow().state())
        .as("it has its go, and the test its devices")
        .isEqualTo(JobState.READY);
    assertThat(began()).doesNotExist();
    room.testEnded();
    assertThat(node.awaitEnd(room, "gang").outcome()).contains(Outcome.of(Outcome.Kind.COMPLETED));
    assertThat(began()).exists();
  }
}
