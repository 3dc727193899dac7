package io.millwright.agent.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.downlink.Orders;
import io.millwright.agent.launcher.Execution;
import io.millwright.agent.launcher.Identity;
import io.millwright.agent.launcher.Launch;
import io.millwright.agent.launcher.OutputPart;
import io.millwright.agent.launcher.Policy;
import io.millwright.agent.launcher.PolicyFile;
import io.millwright.agent.launcher.Presence;
import io.millwright.agent.launcher.Unit;
import io.millwright.agent.launcher.Units;
import io.millwright.agent.records.Disk;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Runs that are stopped with their leases: the real room, over clocks that are set by hand. */
@SuppressWarnings("NullAway.Init") // set before each test
class LeasesTest {
  private static final RunId STOPS = new RunId("stops", 1);
  private static final RunId KEEPS = new RunId("keeps", 1);
  private static final Duration LEASE = Duration.ofSeconds(30);
  private static final Duration LONGEST = Duration.ofHours(1);

  private final Times times = new Times();
  private final List<String> asked = new ArrayList<>();
  private JobFixture node;
  private Watched units;
  private JobsRoom room;

  /** Three clocks, each set by itself. */
  private static final class Times implements Clock {
    private Duration mono = Duration.ofSeconds(1);
    private Duration boot = Duration.ofHours(5);
    private Instant wall = Instant.parse("2026-11-23T00:00:00Z");

    void pass(Duration time) {
      mono = mono.plus(time);
      boot = boot.plus(time);
      wall = wall.plus(time);
    }

    @Override
    public long nanos() {
      return mono.toNanos();
    }

    @Override
    public Instant wall() {
      return wall;
    }

    @Override
    public void parkUntil(long nanos) {}
  }

  private final class Watched implements Units {
    private List<Unit> there = List.of();
    private Optional<Watcher> watcher = Optional.empty();
    private boolean ends = true;
    private Optional<String> containerless = Optional.of("container: there is no podman");

    @Override
    public String bootId() {
      return "boot-1";
    }

    @Override
    public boolean endsLeases() {
      return ends;
    }

    @Override
    public Optional<String> containerless() {
      return containerless;
    }

    @Override
    public Duration uptime() {
      return times.boot;
    }

    @Override
    public Optional<String> refusal(Assignment assignment, Policy policy) {
      return Optional.empty();
    }

    @Override
    public List<Unit> list() {
      return there;
    }

    @Override
    public void watch(Watcher told) {
      watcher = Optional.of(told);
    }

    @Override
    public void start(Launch launch) {
      asked.add("start " + launch.run().text());
    }

    @Override
    public void renew(RunId run, Duration until) {
      asked.add("renew %s %d".formatted(run.text(), until.minus(Duration.ofHours(5)).toSeconds()));
    }

    @Override
    public void stop(RunId run, Duration grace) {
      asked.add("stop " + run.text());
    }

    @Override
    public void clean(RunId run, Duration grace) {
      watcher.orElseThrow().cleaned(run);
    }

    @Override
    public List<OutputPart> output(RunId run) {
      return List.of();
    }

    @Override
    public void forget(RunId run) {}

    @Override
    public void close() {}
  }

  @BeforeEach
  void open() throws IOException {
    node = new JobFixture();
    units = new Watched();
    room = room();
  }

  @AfterEach
  void close() throws IOException {
    room.close();
    node.close();
  }

  private Execution policy() {
    Path file = node.policy();
    try {
      Files.writeString(
          file,
          "containers: {runtime: podman, roots: [/srv/roots]}\n"
              + "users: [%s]\nargv_roots: [/usr, /bin]\nwritable_roots: [%s]\ndemo: true\nleases: [stop]\n"
                  .formatted(JobFixture.user(), node.open()));
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return PolicyFile.read(file);
  }

  private JobsRoom.Settings settings(String journal) {
    Execution policy = policy();
    return new JobsRoom.Settings(
        JobFixture.NODE,
        node.state().resolve(journal),
        () -> policy,
        devices -> Optional.empty(),
        (uuid, since) -> Optional.empty());
  }

  private JobsRoom room() {
    JobsRoom opened = new JobsRoom(settings("journal"), units, times, status -> {});
    opened.open(Disk.real(), 4L << 20);
    opened.turn();
    return opened;
  }

  private void turns() {
    for (int i = 0; i < 4; i++) {
      room.turn();
    }
  }

  private JobSpec stops() {
    JobSpec spec = node.shell(STOPS.job(), "exit 0");
    return new JobSpec(
        spec.name(),
        spec.argv(),
        spec.env(),
        spec.cwd(),
        spec.user(),
        spec.project(),
        spec.priority(),
        spec.devices(),
        spec.nodes(),
        OptionalLong.empty(),
        spec.stopGraceMs(),
        spec.memoryBytes(),
        spec.cpus(),
        JobSpec.LeaseRule.stop(LEASE.toMillis()));
  }

  private void want() {
    var answer =
        room.desired(
            new Desired(
                JobFixture.TERM,
                room.head().generation() + 1,
                false,
                List.of(
                    JobFixture.assignment(stops()),
                    JobFixture.assignment(node.shell(KEEPS.job(), "exit 0"))),
                List.of()));
    turns();
    assertThat(answer.join().verdict()).isEqualTo(Applied.Verdict.WRITTEN);
  }

  private void begins(RunId run) {
    Identity process = new Identity(4242, 1, "boot-1");
    units.watcher.orElseThrow().changed(run, new Presence.Running(process, Duration.ZERO));
    turns();
  }

  private Run of(RunId id) {
    return room.runs().stream().filter(run -> run.id().equals(id)).findFirst().orElseThrow();
  }

  private void bothRun() {
    want();
    room.leased(times.boot, LONGEST);
    turns();
    begins(STOPS);
    begins(KEEPS);
    assertThat(of(STOPS).state()).isEqualTo(JobState.RUNNING);
    assertThat(of(KEEPS).state()).isEqualTo(JobState.RUNNING);
    asked.clear();
  }

  @Test
  void nothingBeginsWithoutALeaseThatAsksForOne() {
    want();
    assertThat(asked).containsExactly("start keeps-r1");
    assertThat(of(STOPS).state()).isEqualTo(JobState.PREPARING);
    Duration sent = times.boot;
    times.pass(LEASE);
    room.leased(sent, LONGEST);
    turns();
    assertThat(asked).as("what came was over when it came").containsExactly("start keeps-r1");
    room.leased(times.boot.minusSeconds(4), LONGEST);
    turns();
    assertThat(asked)
        .as("whoever ends it without the agent knows of it first")
        .containsExactly("start keeps-r1", "renew stops-r1 56", "start stops-r1");
  }

  @Test
  void whatNobodyRenewsIsStoppedAndTheRestGoesOn() {
    bothRun();
    for (int i = 0; i < 20; i++) {
      times.pass(Duration.ofSeconds(5));
      room.leased(times.boot, LONGEST);
      turns();
    }
    assertThat(asked).hasSize(20).allMatch(words -> words.startsWith("renew stops-r1 "));
    asked.clear();
    times.pass(LEASE.minusSeconds(1));
    turns();
    assertThat(asked).isEmpty();
    times.pass(Duration.ofSeconds(1));
    turns();
    assertThat(asked).containsExactly("stop stops-r1");
    room.leased(times.boot, LONGEST);
    turns();
    assertThat(asked).as("it is not taken back").containsExactly("stop stops-r1");
    Presence end =
        new Presence.Ended(Outcome.signal(15), Duration.ofSeconds(9), Optional.of(Duration.ZERO));
    units.watcher.orElseThrow().changed(STOPS, end);
    turns();
    assertThat(of(STOPS).outcome()).hasValue(Outcome.of(Outcome.Kind.LEASE_EXPIRED));
    assertThat(of(STOPS).state()).isEqualTo(JobState.ENDED);
    times.pass(Duration.ofHours(24));
    turns();
    assertThat(of(KEEPS).state()).isEqualTo(JobState.RUNNING);
  }

  /** From the sending of the heartbeat and for no longer than the job asks for. */
  @Test
  void aLeaseDatesFromTheHeartbeatThatItAnswers() {
    bothRun();
    times.pass(Duration.ofSeconds(20));
    room.leased(times.boot.minusSeconds(15), LONGEST);
    turns();
    assertThat(asked).containsExactly("renew stops-r1 35");
    room.leased(times.boot.minusSeconds(16), LONGEST);
    turns();
    assertThat(asked).as("an older one is no news").containsExactly("renew stops-r1 35");
    times.pass(Duration.ofSeconds(5));
    room.leased(times.boot, Duration.ofSeconds(12));
    turns();
    assertThat(asked).as("the collector may give less").endsWith("renew stops-r1 37");
  }

  /** Else the one that ends runs without the agent would say that its lease was over. */
  @Test
  void whatIsStoppedIsRenewedForItsGrace() {
    bothRun();
    Outcome cancelled = Outcome.of(Outcome.Kind.STOPPED_BY_REQUEST);
    room.stop(new Stop(STOPS, cancelled, OptionalLong.of(600_000)));
    turns();
    times.pass(Duration.ofSeconds(5));
    room.leased(times.boot, LONGEST);
    turns();
    assertThat(asked).containsExactly("stop stops-r1", "renew stops-r1 35");
    times.pass(LEASE);
    turns();
    assertThat(asked).as("it is stopped already").hasSize(2);
    assertThat(of(STOPS).outcome()).hasValue(cancelled);
  }

  @Test
  void aNodeWhoseRunsNobodyEndsWithoutTheAgentDoesNotOfferIt() {
    try (Orders orders = new Orders(settings("other"), units, () -> true, times)) {
      orders.open(Disk.real(), 4L << 20);
      assertThat(orders.capabilities()).contains("leases", "secrets");
      units.ends = false;
      assertThat(orders.capabilities()).contains("secrets").doesNotContain("leases");
    }
  }

  /** What the policy allows counts only where containers begin, and the other way round. */
  @Test
  void containersAreOfferedWhereTheyBegin() {
    try (Orders orders = new Orders(settings("other"), units, () -> true, times)) {
      orders.open(Disk.real(), 4L << 20);
      assertThat(orders.capabilities()).doesNotContain("containers");
      units.containerless = Optional.empty();
      assertThat(orders.capabilities()).contains("containers");
    }
  }

  @Test
  void aMachineThatSleptHasUsedItsLease() {
    bothRun();
    times.boot = times.boot.plus(LEASE); // and the monotonic clock stood
    times.wall = times.wall.plus(LEASE);
    turns();
    assertThat(asked).containsExactly("stop stops-r1");
  }

  @Test
  void aWallClockThatJumpedStopsNothingBeforeTheNextRenewal() {
    bothRun();
    times.wall = times.wall.plusSeconds(11);
    times.pass(LEASE.multipliedBy(3));
    turns();
    assertThat(asked).isEmpty();
    room.leased(times.boot, LONGEST);
    turns();
    assertThat(asked).hasSize(1);
    times.pass(LEASE);
    turns();
    assertThat(asked).as("the clock of now is believed").endsWith("stop stops-r1");
  }

  /** The one that ends runs without an agent knows until when; this one was told nothing. */
  @Test
  void anAgentThatBeginsStopsNothingBeforeItIsToldAnything() {
    bothRun();
    room.close();
    units.there =
        List.of(
            new Unit(
                STOPS,
                List.of(),
                new Presence.Running(new Identity(4242, 1, "boot-1"), Duration.ZERO)),
            new Unit(
                KEEPS,
                List.of(),
                new Presence.Running(new Identity(4242, 1, "boot-1"), Duration.ZERO)));
    room = room();
    times.pass(LEASE.multipliedBy(3));
    turns();
    assertThat(asked).isEmpty();
    Presence end =
        new Presence.Ended(
            Outcome.of(Outcome.Kind.LEASE_EXPIRED),
            Duration.ofSeconds(9),
            Optional.of(Duration.ZERO));
    units.watcher.orElseThrow().changed(STOPS, end);
    turns();
    assertThat(of(STOPS).outcome()).hasValue(Outcome.of(Outcome.Kind.LEASE_EXPIRED));
    assertThat(of(KEEPS).state()).isEqualTo(JobState.RUNNING);
  }
}
