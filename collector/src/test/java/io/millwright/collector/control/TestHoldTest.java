package io.millwright.collector.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.collector.audit.AuditLog;
import io.millwright.collector.downlink.Line;
import io.millwright.collector.downlink.Told;
import io.millwright.collector.fleet.AcceleratorState;
import io.millwright.collector.fleet.DeviceReadings;
import io.millwright.collector.fleet.Fact;
import io.millwright.collector.jobs.JobBook;
import io.millwright.collector.operations.Ruling;
import io.millwright.collector.placement.Placement;
import io.millwright.collector.placement.Share;
import io.millwright.collector.store.SqliteStore;
import io.millwright.protocol.bodies.AppliedBody;
import io.millwright.protocol.bodies.EvidenceBody;
import io.millwright.protocol.bodies.JobJson;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.AppliedAnswer;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.JournalHead;
import io.millwright.protocol.frames.Payload;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.DeviceSet;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Term;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where no job goes because of a test, over a real store and a real writer; the node is played. */
@SuppressWarnings("NullAway.Init") // set before each test
class TestHoldTest {
  private static final String HELD = "a test of the site runs there, as far as is known";
  private static final JobSpec JOB =
      JobJson.submitted(
          "{\"name\":\"a\",\"argv\":[\"/bin/true\"],\"devices\":{\"count\":1}}"
              .getBytes(StandardCharsets.UTF_8),
          "anna");

  @TempDir private Path directory;
  private final AtomicLong aheadNanos = new AtomicLong();
  private final ConcurrentLinkedQueue<Frame> sent = new ConcurrentLinkedQueue<>();
  private final Clock clock = new ToldClock();
  private SqliteStore store;
  private JobBook book;
  private Control control;
  private EvidenceDesk desk;
  private long session;

  /** Real time, and what is told on top of it. */
  private final class ToldClock implements Clock {
    private final Clock real = Clock.system();

    @Override
    public long nanos() {
      return real.nanos() + aheadNanos.get();
    }

    @Override
    public Instant wall() {
      return real.wall().plusNanos(aheadNanos.get());
    }

    @Override
    public void parkUntil(long nanos) {
      real.parkUntil(nanos - aheadNanos.get());
    }
  }

  @BeforeEach
  void start() {
    store = SqliteStore.open(directory.resolve("store.db"));
    book = JobBook.open(store, clock);
    control = new Control(new JobDesk(book, clock), clock);
    desk = new EvidenceDesk(control, AuditLog.open(store, clock), store, clock);
    control.start();
    connect();
  }

  @AfterEach
  void stop() throws InterruptedException {
    control.stop(Duration.ofSeconds(5));
    store.close();
  }

  /** As after kill -9, but that the store is closed. */
  private void restart() throws InterruptedException {
    stop();
    start();
  }

  // ---- the node

  private void connect() {
    session++;
    sent.clear();
    control.tell(new Fact.Connected("n1", session, "1", clock.nanos(), 1));
    Line line =
        new Line() {
          @Override
          public void send(List<? extends Frame> frames) {
            sent.addAll(frames);
          }

          @Override
          public void end(String why) {}
        };
    control.tell(
        new Told.Opened(
            "n1",
            session,
            Set.of("jobs", "new-jobs", "evidence"),
            new JournalHead(new UUID(7, 7), 0, 0, Term.NONE, 0),
            "127.0.0.1",
            line));
    Frame.Desired desired = awaited(Frame.Desired.class);
    AppliedBody body = new AppliedBody(Optional.empty(), List.of(), List.of());
    control.tell(
        new Told.Applied(
            "n1",
            session,
            new Frame.Applied(
                AppliedAnswer.WRITTEN,
                desired.head().term(),
                desired.head().generation(),
                Payload.of(body.json())),
            body));
    sample();
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> refusal().filter(why -> !why.equals(HELD)).isEmpty());
  }

  private void sample() {
    AcceleratorState device =
        new AcceleratorState(
            "0",
            "GPU-0",
            "nvidia",
            "B200",
            true,
            true,
            false,
            Optional.empty(),
            Optional.empty(),
            DeviceReadings.NONE);
    SeriesTable.Builder table = SeriesTable.builder();
    table.add(Cadence.FAST, Series.of(Metric.AGENT_PROBE_UP, "n1", "nvml"));
    control.tell(
        new Fact.Sampled(
            "n1",
            session,
            clock.nanos() + Duration.ofSeconds(1).toNanos(), // after the session was opened
            1,
            0,
            new Readings(table.build()).sample(),
            Optional.empty(),
            List.of(device)));
  }

  private <F extends Frame> F awaited(Class<F> type) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> sent.stream().anyMatch(type::isInstance));
    return sent.stream().filter(type::isInstance).map(type::cast).findFirst().orElseThrow();
  }

  /** Why no job goes there; empty where one would. */
  private Optional<String> refusal() {
    Placement placement =
        control
            .ask((jobs, fleet) -> jobs.explain(fleet, JOB).placement())
            .orTimeout(60, TimeUnit.SECONDS)
            .join();
    return placement instanceof Placement.Unplaced unplaced
        ? Optional.of(
            unplaced.refusals().isEmpty()
                ? unplaced.summary()
                : unplaced.refusals().getFirst().reason())
        : Optional.empty();
  }

  private EvidenceDesk.Begun begun(boolean inService) {
    return desk.begin("anna", "n1", "after a repair", "", "diag", inService)
        .orTimeout(60, TimeUnit.SECONDS)
        .join();
  }

  private void closed() {
    control.tell(new Told.Closed("n1", session));
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> control.told() == 0);
    assertThat(refusal()).as("in the turn after the one that took it").isPresent();
  }

  // ---- what is to hold

  @Test
  void noJobGoesThereUntilTheAnswerHasCome() {
    assertThat(refusal()).isEmpty();
    EvidenceDesk.Begun begun = begun(false);
    long number = awaited(Frame.Capture.class).number();
    assertThat(refusal()).contains(HELD);
    control.tell(new Told.Captured("n1", session, number, EvidenceBody.refused("no such test")));
    assertThat(begun.done().orTimeout(60, TimeUnit.SECONDS).join().state())
        .isEqualTo(new EvidenceOrder.State.Failed("no such test"));
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> refusal().isEmpty());
  }

  @Test
  void theHoldOutlivesTheSessionAndTheCollectorUntilTheDeadline() throws InterruptedException {
    EvidenceDesk.Begun begun = begun(false);
    awaited(Frame.Capture.class);
    closed();
    assertThat(begun.done().orTimeout(60, TimeUnit.SECONDS).join().state())
        .isInstanceOf(EvidenceOrder.State.Unanswered.class);
    connect();
    assertThat(refusal()).as("in a new session").contains(HELD);
    restart();
    assertThat(refusal()).as("in a new collector").contains(HELD);
    aheadNanos.addAndGet(Duration.ofMinutes(59).toNanos());
    connect();
    assertThat(refusal()).contains(HELD);
    aheadNanos.addAndGet(Duration.ofMinutes(2).toNanos());
    connect();
    assertThat(refusal()).as("its deadline is over").isEmpty();
    restart();
    assertThat(refusal()).isEmpty();
  }

  /** An operator who looked at the node; neither a session nor a collector holds it again. */
  @Test
  void whatNobodyKnowsOfIsOverWhenAPersonSaysSo() throws InterruptedException {
    EvidenceDesk.Begun begun = begun(false);
    awaited(Frame.Capture.class);
    assertThat(released()).as("its answer is awaited").isInstanceOf(Ruling.Refused.class);
    assertThat(refusal()).contains(HELD);
    closed();
    begun.done().orTimeout(20, TimeUnit.SECONDS).join();
    connect();
    assertThat(refusal()).as("the agent was started anew").contains(HELD);
    assertThat(released()).isInstanceOf(Ruling.Done.class);
    assertThat(refusal()).isEmpty();
    assertThat(released()).as("once").isInstanceOf(Ruling.Refused.class);
    restart();
    assertThat(refusal()).as("in a new collector").isEmpty();
  }

  /** One that holds nothing any more is not ended again, and one that is awaited holds on. */
  @Test
  void onlyWhatHoldsTheNodeIsEndedAndWhatHoldsItStillIsTold() {
    EvidenceDesk.Begun old = begun(false);
    awaited(Frame.Capture.class);
    closed();
    old.done().orTimeout(60, TimeUnit.SECONDS).join();
    aheadNanos.addAndGet(Duration.ofMinutes(61).toNanos());
    connect();
    assertThat(released()).as("its hold has passed").isInstanceOf(Ruling.Refused.class);

    EvidenceDesk.Begun unanswered = begun(false);
    awaited(Frame.Capture.class);
    closed();
    unanswered.done().orTimeout(60, TimeUnit.SECONDS).join();
    connect();
    EvidenceDesk.Begun newer = begun(false);
    awaited(Frame.Capture.class);
    assertThat(released())
        .isInstanceOfSatisfying(
            Ruling.Done.class,
            done -> {
              EvidenceDesk.Released ended = (EvidenceDesk.Released) done.value();
              assertThat(ended.over().id()).isEqualTo(unanswered.order().id());
              assertThat(ended.awaited().map(EvidenceOrder::id)).contains(newer.order().id());
            });
    assertThat(refusal()).contains(HELD);
  }

  private Ruling<EvidenceDesk.Released> released() {
    return desk.release("bob", "n1", "looked").orTimeout(20, TimeUnit.SECONDS).join();
  }

  @Test
  void aCollectorThatEndsWhileATestRunsHoldsTheNodeToo() throws InterruptedException {
    assertThat(begun(false).done()).isNotDone();
    awaited(Frame.Capture.class);
    restart();
    assertThat(refusal()).contains(HELD);
    assertThat(desk.orders("n1").getFirst().state())
        .isInstanceOf(EvidenceOrder.State.Unanswered.class);
  }

  @Test
  void aTestThatWasNeverSentHoldsNothing() {
    closed();
    EvidenceDesk.Begun begun = begun(false);
    assertThat(begun.done().orTimeout(60, TimeUnit.SECONDS).join().state())
        .isEqualTo(new EvidenceOrder.State.Failed("node n1 is not connected"));
    connect();
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> refusal().isEmpty());
  }

  @Test
  void aNodeInServiceWithWorkIsTestedWithConsentAlone() {
    control
        .ask((jobs, fleet) -> {
          book.submit(JOB);
          return book.place(
              new RunId("a", 1),
              List.of(new Share("n1", new DeviceSet(DeviceKind.GPU, List.of("GPU-0")), List.of())));
        })
        .orTimeout(60, TimeUnit.SECONDS)
        .join();
    assertThat(begun(false).done().orTimeout(60, TimeUnit.SECONDS).join().state())
        .isEqualTo(
            new EvidenceOrder.State.Failed(
                "node n1 is in service with 1 runs: drain it first, or consent with in_service"));
    assertThat(sent).noneMatch(Frame.Capture.class::isInstance);
    assertThat(refusal()).as("nothing was begun").isNotEqualTo(Optional.of(HELD));
    begun(true);
    awaited(Frame.Capture.class);
    assertThat(refusal()).contains(HELD);
  }
}
