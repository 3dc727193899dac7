package io.millwright.agent.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.launcher.Identity;
import io.millwright.agent.launcher.Launch;
import io.millwright.agent.launcher.OutputPart;
import io.millwright.agent.launcher.Policy;
import io.millwright.agent.launcher.Presence;
import io.millwright.agent.launcher.Unit;
import io.millwright.agent.launcher.Units;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.StartOrder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What no test can do to a real machine: boots in between, and processes that cannot die. */
class RebootTest {
  private static final RunId RUN = new RunId("job", 1);
  private final JobFixture node;
  private final List<Status> told = new CopyOnWriteArrayList<>();

  RebootTest() throws IOException {
    node = new JobFixture();
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    node.close();
  }

  /** Units that do as they are told to. */
  private static final class Scripted implements Units {
    private final String boot;
    private final List<Unit> there;
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final List<String> orders = new CopyOnWriteArrayList<>();
    private final AtomicInteger silences = new AtomicInteger();
    private volatile Watcher watcher = new Silent();

    Scripted(String boot, Presence... there) {
      this.boot = boot;
      this.there = new ArrayList<>();
      for (Presence presence : there) {
        this.there.add(new Unit(RUN, List.of(), presence));
      }
    }

    @Override
    public String bootId() {
      return boot;
    }

    @Override
    public Optional<String> refusal(Assignment assignment, Policy policy) {
      return Optional.empty();
    }

    @Override
    public List<Unit> list() {
      if (silences.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
        asked.add("list in vain");
        throw new IllegalStateException("nobody answers, because the test wants it so");
      }
      return there;
    }

    @Override
    public void watch(Watcher told) {
      watcher = told;
    }

    @Override
    public void start(Launch launch) {
      asked.add("start");
      orders.add(launch.order().map(StartOrder::store).orElse("unsigned"));
    }

    @Override
    public void stop(RunId run, Duration grace) {
      asked.add("stop " + grace.toMillis());
    }

    @Override
    public void clean(RunId run, Duration grace) {
      asked.add("clean");
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

  private static final class Silent implements Units.Watcher {
    @Override
    public void changed(RunId run, Presence presence) {}

    @Override
    public void cleaned(RunId run) {}

    @Override
    public void overdue(RunId run, String why) {}
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
            told::add);
    room.start();
    return room;
  }

  private JobsRoom recovered(Units units) {
    JobsRoom room = room(units);
    JobFixture.soon().until(room::recovered);
    return room;
  }

  private static Presence running(String boot) {
    return new Presence.Running(new Identity(4242, 1, boot), Duration.ZERO);
  }

  /** A job that runs under the first boot; the agent is gone afterwards. */
  private void runUnderTheFirstBoot() {
    Scripted units = new Scripted("boot-1");
    try (JobsRoom room = recovered(units)) {
      node.want(room, node.shell("job", "exit 0"));
      JobFixture.soon().until(() -> units.asked.contains("start"));
      units.watcher.changed(RUN, running("boot-1"));
      node.awaitState(room, "job", JobState.RUNNING);
    }
  }

  /** As after a boot, where the agent may begin before the bus and the launcher do. */
  @Test
  void unitsThatDoNotAnswerAreAskedUntilTheyDo() {
    runUnderTheFirstBoot();
    Scripted units = new Scripted("boot-1", running("boot-1"));
    units.silences.set(1);
    try (JobsRoom room = room(units)) {
      Applied early = node.want(room, node.shell("other", "exit 0"));
      assertThat(early.verdict()).isEqualTo(Applied.Verdict.BUSY);
      assertThat(early.refusal())
          .hasValueSatisfying(why -> assertThat(why).contains("does not know yet what runs on it"));
      assertThat(early.held()).extracting(Applied.Held::run).containsExactly(RUN);
      JobFixture.soon().until(room::recovered);
      assertThat(units.asked).contains("list in vain");
      units.watcher.changed(
          RUN, new Presence.Ended(Outcome.exit(3), Duration.ZERO, Optional.empty()));
      JobFixture.soon().until(() -> units.asked.contains("clean"));
      units.watcher.cleaned(RUN);
      assertThat(node.awaitEnd(room, "job").outcome()).contains(Outcome.exit(3));
    }
  }

  @Test
  void aRoomThatClosesBeforeItKnowsLeavesEverything() {
    Scripted units = new Scripted("boot-1");
    units.silences.set(Integer.MAX_VALUE);
    try (JobsRoom room = room(units)) {
      JobFixture.soon().until(() -> units.asked.contains("list in vain"));
      assertThat(room.recovered()).isFalse();
    }
    assertThat(units.asked).containsOnly("list in vain");
  }

  @Test
  void aBootEndsWhatRan() {
    runUnderTheFirstBoot();
    try (JobsRoom room = recovered(new Scripted("boot-2", new Presence.Gone()))) {
      assertThat(node.awaitEnd(room, "job").outcome())
          .contains(Outcome.of(Outcome.Kind.NODE_REBOOTED));
      JobFixture.soon().until(() -> told.getLast().state() == JobState.ENDED);
    }
  }

  @Test
  void theRecordOfAnEndOutlivesTheBoot() {
    runUnderTheFirstBoot();
    Presence ended = new Presence.Ended(Outcome.exit(7), Duration.ofSeconds(3), Optional.empty());
    try (JobsRoom room = recovered(new Scripted("boot-2", ended))) {
      Run end = node.awaitEnd(room, "job");
      assertThat(end.outcome()).contains(Outcome.exit(7));
      assertThat(end.usage().wallMs()).isEqualTo(3000);
      assertThat(end.usage().joules()).isEmpty();
    }
  }

  @Test
  void aProcessThatCannotDieKeepsItsDevices() {
    Scripted units = new Scripted("boot-1");
    try (JobsRoom room = recovered(units)) {
      node.want(room, node.shell("job", "exit 0"));
      JobFixture.soon().until(() -> units.asked.contains("start"));
      units.watcher.changed(RUN, running("boot-1"));
      node.want(room, List.of(), List.of(JobFixture.cancel("job", 77)));
      JobFixture.soon().until(() -> units.asked.contains("stop 77"));
      units.watcher.overdue(RUN, "4711 (python) is in state D");
      node.awaitState(room, "job", JobState.STUCK);
      units.watcher.changed(
          RUN, new Presence.Ended(Outcome.signal(9), Duration.ZERO, Optional.empty()));
      JobFixture.soon().until(() -> units.asked.contains("clean"));
      units.watcher.cleaned(RUN);
      assertThat(node.awaitEnd(room, "job").outcome())
          .contains(Outcome.of(Outcome.Kind.STOPPED_BY_REQUEST));
    }
  }

  /** Stop meets start: it waits for the start's result and cannot miss it. */
  @Test
  void aStopDuringTheStartIsNotMissed() {
    Scripted units = new Scripted("boot-1");
    try (JobsRoom room = recovered(units)) {
      node.want(room, node.shell("job", "exit 0"));
      JobFixture.soon().until(() -> units.asked.contains("start"));
      node.want(room, List.of(), List.of(JobFixture.cancel("job", 77)));
      assertThat(units.asked).doesNotContain("stop 77");
      units.watcher.changed(RUN, running("boot-1"));
      JobFixture.soon().until(() -> units.asked.contains("stop 77"));
    }
  }

  /** A start that had not begun waits until a wish names the run again. */
  @Test
  void whatHadNotBegunWaitsForTheCollector() {
    Scripted first = new Scripted("boot-1");
    try (JobsRoom room = recovered(first)) {
      node.want(room, node.shell("job", "exit 0"));
      JobFixture.soon().until(() -> first.asked.contains("start"));
    }
    Scripted second = new Scripted("boot-1", new Presence.NeverBegan());
    try (JobsRoom room = recovered(second)) {
      assertThat(JobFixture.run(room, "job").orElseThrow().state()).isEqualTo(JobState.ACCEPTED);
      assertThat(second.asked).isEmpty();
      node.again(room, JobFixture.assignment(node.shell("job", "exit 0")));
      JobFixture.soon().until(() -> second.asked.contains("start"));
    }
  }

  private static Desired signed(JobsRoom room, Assignment assignment, boolean again, String store) {
    long generation = room.head().generation() + (again ? 0 : 1);
    return new Desired(
        JobFixture.TERM,
        generation,
        true,
        List.of(assignment),
        List.of(),
        false,
        Set.of(),
        Map.of(assignment.id(), order(store)));
  }

  private static StartOrder order(String store) {
    return new StartOrder("{}", store, 1_790_000_000, "0123456789abcdef", "A".repeat(86) + "==");
  }

  /**
   * The agent was killed before the launcher had it; the collector sends the newest order again.
   */
  @Test
  void aRunThatHadNotBegunKeepsItsOrder() {
    Assignment job = JobFixture.assignment(node.spec("job", "/bin/true"));
    Scripted before = new Scripted("boot-1");
    JobsRoom room = recovered(before);
    node.ask(room, signed(room, job, false, "first"));
    JobFixture.soon().until(() -> before.orders.equals(List.of("first")));
    room.close();

    Scripted after = new Scripted("boot-1");
    JobsRoom next = recovered(after);
    node.again(next, job); // by a collector that sends no order
    JobFixture.soon().until(() -> after.orders.equals(List.of("first")));
    next.close();

    Scripted last = new Scripted("boot-1");
    JobsRoom third = recovered(last);
    node.ask(third, signed(third, job, true, "second"));
    JobFixture.soon().until(() -> last.orders.equals(List.of("second")));
    third.close();
  }

  @Test
  void ordersOfWhatHasEndedAreDeleted() throws IOException {
    OrderShelf shelf = new OrderShelf(node.open().resolve("orders"));
    StartOrder order = order("a");
    assertThat(shelf.of(RUN)).isEmpty();
    shelf.keep(Set.of()); // of a node that never had one
    shelf.put(RUN, order);
    shelf.put(new RunId("other", 1), order);
    shelf.keep(Set.of("job-r1"));
    assertThat(shelf.of(RUN)).hasValue(order);
    assertThat(shelf.of(new RunId("other", 1))).isEmpty();
    OrderShelf later = new OrderShelf(node.open().resolve("orders"));
    assertThat(later.of(RUN)).hasValue(order);
    Files.writeString(node.open().resolve("orders/job-r1"), "half a fi");
    assertThat(later.of(RUN)).isEmpty();
  }

  /** As on a full disk: only a restart loses it. */
  @Test
  void anOrderThatCannotBeWrittenIsKeptUntilTheRestart() throws IOException {
    Path directory = Files.writeString(node.open().resolve("orders"), "no directory");
    OrderShelf shelf = new OrderShelf(directory);
    shelf.put(RUN, order("a"));
    shelf.put(RUN, order("b"));
    assertThat(shelf.of(RUN)).hasValue(order("b"));
    shelf.keep(Set.of());
    assertThat(shelf.of(RUN)).isEmpty();
    assertThat(new OrderShelf(directory).of(RUN)).isEmpty();
  }

  /** It would begin the job that it is of, in the place of the one that was accepted. */
  @Test
  void theOrderOfAnotherJobUnderThisNameIsNotTaken() {
    Assignment job = JobFixture.assignment(node.spec("job", "/bin/true"));
    Scripted first = new Scripted("boot-1");
    try (JobsRoom room = recovered(first)) {
      node.ask(room, signed(room, job, false, "first"));
      JobFixture.soon().until(() -> first.orders.equals(List.of("first")));
    }
    Assignment another = JobFixture.assignment(node.spec("job", "/bin/false"));
    Scripted second = new Scripted("boot-1", new Presence.NeverBegan());
    try (JobsRoom room = recovered(second)) {
      node.ask(room, signed(room, another, false, "another"));
      assertThat(second.asked).doesNotContain("start");
      node.again(room, job);
      JobFixture.soon().until(() -> second.orders.equals(List.of("first")));
    }
  }
}
