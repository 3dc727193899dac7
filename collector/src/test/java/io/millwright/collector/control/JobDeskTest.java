package io.millwright.collector.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.collector.downlink.Line;
import io.millwright.collector.downlink.Told;
import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.jobs.JobBook;
import io.millwright.collector.placement.Share;
import io.millwright.collector.store.SqliteStore;
import io.millwright.protocol.bodies.AppliedBody;
import io.millwright.protocol.bodies.JobJson;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.AppliedAnswer;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.JournalHead;
import io.millwright.protocol.frames.Payload;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.DeviceSet;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Term;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One turn: what fails of it keeps nothing else from being done. */
class JobDeskTest {
  @TempDir private Path directory;

  private static final class Heard implements Line {
    private final List<Frame> frames = new ArrayList<>();
    private Optional<String> ended = Optional.empty();

    @Override
    public void send(List<? extends Frame> more) {
      frames.addAll(more);
    }

    @Override
    public void end(String why) {
      ended = Optional.of(why);
    }
  }

  private static Told.Opened opened(String node, Line line) {
    return new Told.Opened(
        node,
        1,
        Set.of("jobs", "new-jobs"),
        new JournalHead(new UUID(7, node.hashCode()), 0, 0, Term.NONE, 0),
        "127.0.0.1",
        line);
  }

  /** Its first run was lost with n and its second with m. */
  private static void restartedTwice(JobBook book) {
    byte[] job =
        "{\"name\":\"a\",\"argv\":[\"/bin/true\"],\"restart\":{\"on\":[\"node-lost\"],\"backoff_ms\":30000}}"
            .getBytes(StandardCharsets.UTF_8);
    book.submit(JobJson.submitted(job, "anna"));
    for (String node : List.of("n", "m")) {
      book.place(
          new RunId("a", node.equals("n") ? 1 : 2),
          List.of(new Share(node, new DeviceSet(DeviceKind.GPU, List.of()), List.of())));
      book.meet(node, "first", 1);
      book.meet(node, "another", 1);
      book.applied(node, book.generation(node));
    }
  }

  /** A node that comes back may still have the run before the one that it stands in for. */
  @Test
  void aSecondRestartWaitsForTheNodeOfTheFirstRunToo() {
    HandClock clock = new HandClock();
    try (SqliteStore store = SqliteStore.open(directory.resolve("store.db"))) {
      JobBook book = JobBook.open(store, clock);
      JobDesk desk = new JobDesk(book, clock);
      restartedTwice(book);
      RunId third = new RunId("a", 3);
      desk.turn(FleetState.EMPTY, List.of(opened("n", new Heard()), opened("m", new Heard())));
      desk.turn(FleetState.EMPTY, List.of(written(book, "m", List.of())));
      assertThat(desk.state().waiting().get(third))
          .isEqualTo(
              "restart 2 of 3 after a-r2: n has not said yet that nothing of a-r1 is left there");
      desk.turn(FleetState.EMPTY, List.of(written(book, List.of())));
      assertThat(desk.state().waiting().get(third))
          .startsWith("restart 2 of 3 after a-r2: not before");
    }
  }

  /** The second run waited for it already, or somebody saw to it that it did not. */
  @Test
  void aSecondRestartWaitsForNoNodeOfTheFirstRunThatIsAway() {
    HandClock clock = new HandClock();
    try (SqliteStore store = SqliteStore.open(directory.resolve("store.db"))) {
      JobBook book = JobBook.open(store, clock);
      JobDesk desk = new JobDesk(book, clock);
      restartedTwice(book);
      RunId third = new RunId("a", 3);
      desk.turn(FleetState.EMPTY, List.of());
      assertThat(desk.state().waiting().get(third))
          .isEqualTo(
              "restart 2 of 3 after a-r2: m has not said yet that nothing of it is left there");
      desk.turn(FleetState.EMPTY, List.of(opened("m", new Heard())));
      desk.turn(FleetState.EMPTY, List.of(written(book, "m", List.of())));
      assertThat(desk.state().waiting().get(third))
          .startsWith("restart 2 of 3 after a-r2: not before");
    }
  }

  @Test
  void aRestartWaitsUntilItsNodeKnowsTheEndAndItsTimeHasCome() {
    HandClock clock = new HandClock();
    try (SqliteStore store = SqliteStore.open(directory.resolve("store.db"))) {
      JobBook book = JobBook.open(store, clock);
      JobDesk desk = new JobDesk(book, clock);
      byte[] job =
          "{\"name\":\"a\",\"argv\":[\"/bin/true\"],\"restart\":{\"on\":[\"node-lost\"],\"backoff_ms\":30000}}"
              .getBytes(StandardCharsets.UTF_8);
      book.submit(JobJson.submitted(job, "anna"));
      book.place(
          new RunId("a", 1),
          List.of(new Share("n", new DeviceSet(DeviceKind.GPU, List.of()), List.of())));
      book.meet("n", "first", 1);
      book.meet("n", "another", 1);
      RunId first = new RunId("a", 1);
      RunId next = new RunId("a", 2);
      String unsure =
          "restart 1 of 3 after a-r1: n has not said yet that nothing of it is left there";
      desk.turn(FleetState.EMPTY, List.of());
      assertThat(desk.state().waiting().get(next)).isEqualTo(unsure);
      book.applied("n", book.generation("n"));
      desk.turn(FleetState.EMPTY, List.of(opened("n", new Heard())));
      assertThat(desk.state().waiting().get(next))
          .as("it has not said what it holds")
          .isEqualTo(unsure);
      desk.turn(
          FleetState.EMPTY,
          List.of(written(book, List.of(new AppliedBody.Held(first, List.of())))));
      assertThat(desk.state().waiting().get(next)).as("it is still stopping it").isEqualTo(unsure);
      desk.turn(FleetState.EMPTY, List.of(written(book, List.of())));
      assertThat(desk.state().waiting().get(next))
          .isEqualTo("restart 1 of 3 after a-r1: not before 2026-11-23T00:00:30Z");
      clock.pass(Duration.ofSeconds(30));
      desk.turn(FleetState.EMPTY, List.of());
      assertThat(desk.state().waiting().get(next)).isEqualTo("no node is known");
    }
  }

  /** A person says that its node is off, who cannot know; or somebody submits the job anew. */
  @Test
  void aJobThatIsStoppedWithItsLeaseFollowsItselfOnceThatHasSurelyEnded() {
    for (String restart : List.of(",\"restart\":{\"on\":[\"node-lost\"],\"backoff_ms\":0}", "")) {
      HandClock clock = new HandClock();
      try (SqliteStore store =
          SqliteStore.open(directory.resolve("leased" + restart.length() + ".db"))) {
        JobBook book = JobBook.open(store, clock);
        JobDesk desk = new JobDesk(book, clock);
        byte[] job =
            "{\"name\":\"a\",\"argv\":[\"/bin/true\"],\"lease\":\"stop\",\"lease_ms\":60000%s}"
                .formatted(restart)
                .getBytes(StandardCharsets.UTF_8);
        book.submit(JobJson.submitted(job, "anna"));
        book.place(
            new RunId("a", 1),
            List.of(new Share("n", new DeviceSet(DeviceKind.GPU, List.of()), List.of())));
        book.declareEnded("n", Outcome.Kind.NODE_LOST);
        if (restart.isEmpty()) {
          book.submit(JobJson.submitted(job, "anna"));
        }
        RunId next = new RunId("a", 2);
        desk.turn(FleetState.EMPTY, List.of());
        assertThat(desk.state().waiting().get(next))
            .isEqualTo(
                "a-r1 may still run on n, which does not answer; its lease has surely ended at"
                    + " 2026-11-23T00:01:55Z");
        clock.pass(Duration.ofSeconds(115));
        desk.turn(FleetState.EMPTY, List.of());
        assertThat(desk.state().waiting().get(next)).startsWith("a-r1 may still run on n");
        clock.pass(Duration.ofMillis(1100)); // it plans each second
        desk.turn(FleetState.EMPTY, List.of());
        assertThat(desk.state().waiting().get(next)).isEqualTo("no node is known");
      }
    }
  }

  /** What the node itself says is better than any time. */
  @Test
  void aNodeThatSaysThatNothingIsLeftEndsTheWait() {
    HandClock clock = new HandClock();
    try (SqliteStore store = SqliteStore.open(directory.resolve("store.db"))) {
      JobBook book = JobBook.open(store, clock);
      JobDesk desk = new JobDesk(book, clock);
      byte[] job =
          "{\"name\":\"a\",\"argv\":[\"/bin/true\"],\"lease\":\"stop\"}"
              .getBytes(StandardCharsets.UTF_8);
      book.submit(JobJson.submitted(job, "anna"));
      RunId first = new RunId("a", 1);
      RunId next = new RunId("a", 2);
      book.place(
          first, List.of(new Share("n", new DeviceSet(DeviceKind.GPU, List.of()), List.of())));
      book.declareEnded("n", Outcome.Kind.NODE_LOST);
      book.submit(JobJson.submitted(job, "anna"));
      desk.turn(FleetState.EMPTY, List.of(opened("n", new Heard())));
      clock.pass(Duration.ofHours(1));
      desk.turn(
          FleetState.EMPTY,
          List.of(written(book, List.of(new AppliedBody.Held(first, List.of())))));
      assertThat(desk.state().waiting().get(next))
          .as("it is there, whatever the time says")
          .isEqualTo("n has not said yet that nothing of a-r1 is left there");
      desk.turn(FleetState.EMPTY, List.of(written(book, List.of())));
      assertThat(desk.state().waiting().get(next)).isEqualTo("no node is known");
    }
  }

  private static Told.Applied written(JobBook book, List<AppliedBody.Held> held) {
    return written(book, "n", held);
  }

  private static Told.Applied written(JobBook book, String node, List<AppliedBody.Held> held) {
    AppliedBody body = new AppliedBody(Optional.empty(), List.of(), held);
    return new Told.Applied(
        node,
        1,
        new Frame.Applied(
            AppliedAnswer.WRITTEN, book.term(), book.generation(node), Payload.of(body.json())),
        body);
  }

  private static final class HandClock implements Clock {
    private Duration passed = Duration.ZERO;

    @Override
    public long nanos() {
      return passed.toNanos();
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

  @Test
  void aNodeThatTellsNonsenseKeepsNoOtherFromBeingTold() {
    Clock clock = Clock.system();
    try (SqliteStore store = SqliteStore.open(directory.resolve("store.db"))) {
      JobBook book = JobBook.open(store, clock);
      JobDesk desk = new JobDesk(book, clock);
      byte[] job =
          "{\"name\":\"a\",\"argv\":[\"/bin/true\"],\"devices\":{\"count\":1}}"
              .getBytes(StandardCharsets.UTF_8);
      book.submit(JobJson.submitted(job, "anna"));
      book.place(
          new RunId("a", 1),
          List.of(new Share("bad", new DeviceSet(DeviceKind.GPU, List.of("GPU-0")), List.of())));
      Heard bad = new Heard();
      Heard good = new Heard();
      desk.turn(FleetState.EMPTY, List.of(opened("bad", bad)));
      AppliedBody nonsense = new AppliedBody(Optional.of("( )"), List.of(), List.of());
      Told.Applied refused =
          new Told.Applied(
              "bad",
              1,
              new Frame.Applied(
                  AppliedAnswer.REFUSED,
                  book.term(),
                  book.generation("bad"),
                  Payload.of(nonsense.json())),
              nonsense);
      desk.turn(FleetState.EMPTY, List.of(refused, opened("good", good)));
      assertThat(bad.ended).isPresent();
      assertThat(good.frames).as("told in the same turn").hasSize(1);
      assertThat(desk.state().trouble()).as("the store is well").isEmpty();
    }
  }
}
