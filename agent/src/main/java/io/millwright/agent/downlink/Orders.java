package io.millwright.agent.downlink;

import io.millwright.agent.jobs.Applied;
import io.millwright.agent.jobs.Desired;
import io.millwright.agent.jobs.JobsRoom;
import io.millwright.agent.jobs.Run;
import io.millwright.agent.jobs.Status;
import io.millwright.agent.jobs.Stop;
import io.millwright.agent.launcher.DeviceClass;
import io.millwright.agent.launcher.Execution;
import io.millwright.agent.launcher.Policy;
import io.millwright.agent.launcher.Units;
import io.millwright.agent.records.Disk;
import io.millwright.protocol.bodies.AppliedBody;
import io.millwright.protocol.bodies.Capability;
import io.millwright.protocol.bodies.DesiredBody;
import io.millwright.protocol.bodies.StatusBody;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.AppliedAnswer;
import io.millwright.protocol.frames.DesiredHead;
import io.millwright.protocol.frames.DesiredResult;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.JournalHead;
import io.millwright.protocol.frames.Moment;
import io.millwright.protocol.frames.Payload;
import io.millwright.protocol.frames.RunsDigest;
import io.millwright.protocol.vocabulary.job.CheckResult;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Term;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The room of jobs as the session sees it.
 *
 * <p><i>Lifecycle:</i> {@link #start} once, {@link #close} leaves every job running.
 * <i>Threading:</i> any thread, none waits; answers come on the threads {@code jobs} and {@code
 * output}. <i>Failure:</i> {@link #start} throws as {@link JobsRoom#start} does.
 */
public final class Orders implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Orders.class);

  private static final JournalHead NO_JOURNAL = new JournalHead(new UUID(0, 0), 0, 0, Term.NONE, 0);

  private static final long JUST_ENDED_MS = 10_000;

  private final JobsRoom.Settings settings;
  private final JobsRoom room;
  private final BooleanSupplier devicesKnown;
  private final Units units;
  private final OutputReader output;

  /** When the last heartbeats were sent; the thread {@code uplink} owns it. */
  private final SentPings pings = new SentPings();

  private volatile Runnable listener = () -> {};
  private volatile Consumer<Status> onlooker = status -> {};
  private volatile boolean working;

  /**
   * @param devicesKnown whether the devices were looked at since the agent's start; what the
   *     collector wants is not judged before that
   */
  public Orders(
      JobsRoom.Settings settings, Units units, BooleanSupplier devicesKnown, Clock clock) {
    this.settings = settings;
    this.devicesKnown = devicesKnown;
    this.units = units;
    this.room = new JobsRoom(settings, units, clock, this::reported);
    this.output = new OutputReader(room);
  }

  public void start() {
    room.start();
    output.start();
    began();
  }

  /**
   * As {@link #start}, without threads: whoever calls this makes each turn of the room. What runs
   * printed is not read.
   */
  public JobsRoom open(Disk disk, long largestSegment) {
    room.open(disk, largestSegment);
    began();
    return room;
  }

  private void began() {
    working = true;
    LOG.info("journal is open journal={} {}", room.head().journal(), execution());
  }

  private String execution() {
    return switch (settings.execution().get()) {
      case Execution.On on -> "and new jobs are allowed";
      case Execution.Off(String why) -> "but no new jobs are: " + why;
    };
  }

  @Override
  public void close() {
    output.close();
    room.close();
  }

  private void reported(Status status) {
    onlooker.accept(status);
    listener.run();
  }

  /** Told on the thread {@code jobs} of each step of a run that is on the disk; must not wait. */
  public void watch(Consumer<Status> told) {
    onlooker = told;
  }

  /** Told on the thread {@code jobs} whenever a report waits; must not wait itself. */
  public void listen(Runnable told) {
    listener = told;
  }

  /** The words of HELLO; none where the start failed. */
  public List<String> capabilities() {
    if (!working) {
      return List.of();
    }
    List<String> words =
        new ArrayList<>(
            List.of(
                Capability.JOBS,
                Capability.OUTPUT,
                Capability.GROUPS,
                Capability.CHECKS,
                Capability.RECALL,
                Capability.HOLD,
                Capability.INSTANCES));
    if (units.givesSecrets()) {
      words.add(Capability.SECRETS);
    }
    if (units.takesOrders()) {
      words.add(Capability.ORDERS);
    }
    Execution execution = settings.execution().get();
    if (execution instanceof Execution.On(Policy policy)
        && policy.leaseStops()
        && units.endsLeases()) {
      words.add(Capability.LEASES);
    }
    if (execution instanceof Execution.On(Policy policy)
        && policy.deviceClasses().contains(DeviceClass.IMEX)) {
      Optional<String> why = units.channelless();
      why.ifPresentOrElse(
          sentence -> LOG.warn("jobs are given no IMEX channel: {}", sentence),
          () -> words.add(Capability.IMEX));
    }
    if (execution instanceof Execution.On(Policy policy)
        && policy.containers().isPresent()
        && units.containerless().isEmpty()) {
      words.add(Capability.CONTAINERS);
    }
    boolean on = execution instanceof Execution.On;
    if (on && room.quarantine().isEmpty()) {
      words.add(Capability.NEW_JOBS);
    }
    return words;
  }

  /** How far the journal goes. */
  public JournalHead head() {
    JobsRoom.Head head = room.head();
    return head.journal().isEmpty()
        ? NO_JOURNAL
        : new JournalHead(
            UUID.fromString(head.journal()), 0, head.status(), head.term(), head.generation());
  }

  /** Of an agent that carries out no jobs. */
  public static JournalHead noJournal() {
    return NO_JOURNAL;
  }

  /** Whether a desired state can be judged now. */
  public boolean ready() {
    return working && devicesKnown.getAsBoolean();
  }

  /**
   * The run that has each device, by the device's uuid; one that ended a moment ago still has it
   * where no other does, because an error of the device may be what ended it.
   */
  public Map<String, RunId> holders(long nowMs) {
    Map<String, RunId> holders = new HashMap<>();
    for (Run run : room.runs()) {
      if (run.open()) {
        run.devices().forEach(device -> holders.put(device, run.id()));
      } else if (nowMs - run.changedMs() < JUST_ENDED_MS) {
        run.devices().forEach(device -> holders.putIfAbsent(device, run.id()));
      }
    }
    return holders;
  }

  /** All that are known here; those that ended a while ago are not any more. */
  public List<Run> runs() {
    return room.runs();
  }

  /** What is known of a run here. */
  public Optional<Run> run(RunId id) {
    return room.runs().stream().filter(run -> run.id().equals(id)).findFirst();
  }

  /**
   * A test of the site wants the node's accelerators: empty where it has them until {@link
   * #testEnded}, else why not.
   *
   * @param of the run around which it is
   * @param longest that it waits for them
   */
  public CompletableFuture<Optional<String>> testBegins(Optional<RunId> of, Duration longest) {
    return room.testBegins(of, longest);
  }

  public void testEnded() {
    room.testEnded();
  }

  /** Takes a desired state, and answers once that is on the disk. */
  public void desired(DesiredResult.Whole whole, Consumer<Frame.Applied> answer) {
    DesiredHead head = whole.head();
    Desired desired;
    try {
      desired = desired(head, DesiredBody.of(whole.body().toByteArray()));
    } catch (IllegalArgumentException mistake) {
      LOG.error("desired state cannot be read: {}", mistake.getMessage());
      answer.accept(unreadable(String.valueOf(mistake.getMessage())));
      return;
    }
    var _ =
        room.desired(desired)
            .whenComplete((applied, failure) -> answer.accept(answer(head, applied, failure)));
  }

  private Frame.Applied answer(
      DesiredHead head, @Nullable Applied applied, @Nullable Throwable failure) {
    if (applied == null) {
      return unreadable("the agent failed: " + failure);
    }
    try {
      return applied(head, applied);
    } catch (IllegalArgumentException tooLarge) {
      LOG.error("what this node holds cannot be told runs={}", applied.held().size(), tooLarge);
      return unreadable("it holds more runs than an answer can tell");
    }
  }

  private static Desired desired(DesiredHead head, DesiredBody body) {
    return new Desired(
        head.term(),
        head.generation(),
        head.full(),
        body.assignments(),
        body.stops().stream()
            .map(stop ->
                new Stop(stop.run(), Outcome.of(stop.why()), OptionalLong.of(stop.graceMs())))
            .toList(),
        body.recall(),
        Set.copyOf(body.holds()),
        body.orders());
  }

  /** The answer to what is no desired state. */
  public Frame.Applied unreadable(String why) {
    return only(AppliedAnswer.NOT_READABLE, why);
  }

  /** The answer to a collector that is not obeyed; of what this node holds it learns nothing. */
  public Frame.Applied refused(String why) {
    return only(AppliedAnswer.TERM_REFUSED, why);
  }

  private Frame.Applied only(AppliedAnswer answer, String why) {
    JobsRoom.Head head = room.head();
    return new Frame.Applied(
        answer,
        head.term(),
        head.generation(),
        Payload.of(new AppliedBody(Optional.of(why), List.of(), List.of()).json()));
  }

  private static Frame.Applied applied(DesiredHead head, Applied applied) {
    AppliedBody full =
        new AppliedBody(
            applied.refusal(),
            applied.results().stream()
                .map(r -> new AppliedBody.Result(r.run(), r.state(), r.outcome()))
                .toList(),
            applied.held().stream()
                .map(held -> new AppliedBody.Held(held.run(), held.devices(), held.channel()))
                .toList());
    return new Frame.Applied(
        answer(head, applied), applied.term(), applied.generation(), body(full));
  }

  private static AppliedAnswer answer(DesiredHead head, Applied applied) {
    return switch (applied.verdict()) {
      case WRITTEN -> AppliedAnswer.WRITTEN;
      case REFUSED -> AppliedAnswer.REFUSED;
      case BUSY -> AppliedAnswer.BUSY;
      case FENCED -> fenced(head, applied);
    };
  }

  private static AppliedAnswer fenced(DesiredHead head, Applied applied) {
    if (!head.term().equals(applied.term())) {
      return AppliedAnswer.TERM_REFUSED;
    }
    return head.generation() < applied.generation()
        ? AppliedAnswer.OLDER
        : AppliedAnswer.NEEDS_FULL;
  }

  /** Results come by STATUS too, so they are what a frame that is too small leaves out. */
  private static Payload body(AppliedBody body) {
    return Payload.of(body.within(Payload.LONGEST_BODY).json());
  }

  /** The reports behind this one that the collector has not acknowledged, in order. */
  public List<Frame.Status> unacknowledged(long after) {
    String journal = room.head().journal();
    if (journal.isEmpty()) {
      return List.of();
    }
    UUID id = UUID.fromString(journal);
    return room.unacknowledged().stream()
        .filter(status -> status.sequence() > after)
        .map(status -> frame(id, status, checks(status.run())))
        .toList();
  }

  /** How many reports the collector has not acknowledged. */
  public int waiting() {
    return room.unacknowledged().size();
  }

  private List<CheckResult> checks(RunId id) {
    return room.runs().stream()
        .filter(run -> run.id().equals(id))
        .findFirst()
        .map(Run::checks)
        .orElse(List.of());
  }

  private static Frame.Status frame(UUID journal, Status status, List<CheckResult> checks) {
    StatusBody body =
        new StatusBody(
            status.run(),
            status.state(),
            status.outcome(),
            status.usage(),
            status.detail(),
            checks);
    return new Frame.Status(
        journal,
        status.sequence(),
        Payload.ofText(new String(body.json(), StandardCharsets.UTF_8)));
  }

  /** The collector that is obeyed was heard just now. Any thread; never waits. */
  public void heard() {
    room.heard();
  }

  /**
   * A heartbeat that says what this node's open runs are, and with which status.
   *
   * @param number of the session's pings
   */
  public Frame.Ping ping(long number, Moment sent) {
    pings.sent(number, room.uptime());
    return room.standing()
        .map(now -> new Frame.Ping(number, sent, now.status(), RunsDigest.of(now.open())))
        .orElseGet(() -> new Frame.Ping(number, sent));
  }

  /**
   * Lets runs go on, from the sending of the heartbeat that this answers; one of a collector that
   * has not told this node what it wants, or of a heartbeat that is long past, does nothing. On the
   * thread of {@link #ping}.
   */
  public void leased(Frame.Lease lease) {
    if (lease.term().equals(room.head().term())) {
      pings
          .when(lease.heartbeat())
          .ifPresent(sent -> room.leased(sent, Duration.ofMillis(lease.lengthMillis())));
    }
  }

  /** The collector has these durably. */
  public void acknowledged(Frame.StatusAck ack) {
    if (ack.journalId().toString().equals(room.head().journal())) {
      room.acknowledged(ack.sequence());
    }
  }

  /** Reads what a run printed. */
  public void read(Frame.ReadOutput question, Consumer<Frame.Output> answer) {
    output.read(question, answer);
  }
}
