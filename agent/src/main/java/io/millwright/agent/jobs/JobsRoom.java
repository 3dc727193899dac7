package io.millwright.agent.jobs;

import io.millwright.agent.launcher.Execution;
import io.millwright.agent.launcher.OutputPart;
import io.millwright.agent.launcher.Presence;
import io.millwright.agent.launcher.Unit;
import io.millwright.agent.launcher.Units;
import io.millwright.agent.records.Disk;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Term;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The jobs of this node: takes the collector's wishes, carries them out, and reports.
 *
 * <p><i>Lifecycle:</i> {@link #start} once, which reads the journal; then the thread brings it and
 * what runs on the node together, for as long as that takes; {@link #close} leaves every job
 * running. <i>Threading:</i> the thread {@code jobs} owns all states and the journal; everybody
 * else asks through a bounded queue. A wish that finds it full is refused; news of units wait.
 * <i>Failure:</i> {@link JournalException} from {@link #start}; later trouble of the disk is told
 * by {@link #quarantine} and in refusals, and stops no job. Units that cannot be read are asked
 * again until they can.
 */
public final class JobsRoom implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(JobsRoom.class);
  private static final int QUEUE = 1024;
  private static final long LARGEST_SEGMENT = 4L << 20;
  private static final Duration BEAT = Duration.ofSeconds(1);
  private static final Duration FORGETTING = Duration.ofMinutes(1);

  /** Less than the service manager waits for the whole agent. */
  private static final Duration STOP_WAIT = Duration.ofSeconds(4);

  private static final Duration BETWEEN_LISTS = Duration.ofSeconds(5);

  private final Settings settings;
  private final Units units;
  private final Clock clock;
  private final Consumer<Status> reports;
  private final Thread thread;
  private final BlockingQueue<Runnable> queue = new ArrayBlockingQueue<>(QUEUE);
  private final Trial trial = new Trial();
  private final AtomicLong acknowledged = new AtomicLong();
  private volatile long heardNanos;
  private volatile Optional<Renewal> renewal = Optional.empty();
  private volatile boolean stopping;
  private volatile boolean recovered;
  private volatile View view = View.NOTHING;
  private volatile @Nullable Journal journal;
  private @Nullable Crew crew;
  private long reported;
  private long noted;
  private long forgetAt;
  private String trouble = "";

  /**
   * @param node this one's name
   * @param directory of the journal
   * @param execution asked at each wish and each start, because the policy may change
   */
  public record Settings(
      String node,
      Path directory,
      Supplier<Execution> execution,
      DeviceGate gate,
      EnergyMeter meter,
      Checker checker) {

    /** Of a node that looks at nothing around a job. */
    public Settings(
        String node,
        Path directory,
        Supplier<Execution> execution,
        DeviceGate gate,
        EnergyMeter meter) {
      this(node, directory, execution, gate, meter, Checker.none());
    }
  }

  /**
   * Where this node stands, for the greeting to the collector.
   *
   * @param journal random, of the journal's creation; empty where it cannot be read
   * @param record number of its last one
   * @param status number of the last status
   */
  public record Head(String journal, long record, long status, Term term, long generation) {}

  /**
   * The open runs of this node, as its statuses up to one have told them.
   *
   * @param status number of the last one
   */
  public record Standing(long status, SortedMap<RunId, JobState> open) {}

  private record View(
      List<Run> runs, List<Status> unacknowledged, long status, Term term, long generation) {
    static final View NOTHING = new View(List.of(), List.of(), 0, Term.NONE, 0);
  }

  private record Crew(Ledger ledger, Foreman foreman, Intake intake, OrderShelf orders) {}

  /**
   * @param reports told of each status once it is on the disk, on the thread {@code jobs}; must not
   *     wait
   */
  public JobsRoom(Settings settings, Units units, Clock clock, Consumer<Status> reports) {
    this.settings = settings;
    this.units = units;
    this.clock = clock;
    this.reports = reports;
    this.heardNanos = clock.nanos();
    this.thread = Threads.platform("jobs", this::run);
  }

  /** Reads the journal; what runs on the node is taken up behind it: {@link #recovered}. */
  public void start() {
    start(Disk.real(), LARGEST_SEGMENT);
  }

  void start(Disk disk, long largestSegment) {
    open(disk, largestSegment);
    thread.start();
  }

  /**
   * As {@link #start}, without the thread: whoever calls this owns the room from here on, and makes
   * each {@link #turn} of it.
   *
   * @param largestSegment bytes of the journal's file before a shorter one is tried
   */
  public void open(Disk disk, long largestSegment) {
    Book book = new Book();
    Journal opened = Journal.open(settings.directory(), units.bootId(), disk, largestSegment, book);
    journal = opened;
    Ledger ledger = new Ledger(book, opened);
    DeviceGate gate = settings.gate();
    OrderShelf orders = new OrderShelf(settings.directory().resolve("orders"));
    Foreman foreman =
        new Foreman(
            ledger,
            units,
            orders,
            settings.execution(),
            gate,
            trial,
            settings.meter(),
            settings.checker(),
            this::put,
            () -> heardNanos,
            new Leases(() -> renewal, units, clock),
            clock);
    Intake intake =
        new Intake(
            settings.node(), ledger, foreman, units, orders, settings.execution(), gate, clock);
    reported = book.sequence();
    crew = new Crew(ledger, foreman, intake, orders);
    publish(ledger);
  }

  /** Whether what runs on the node is known; wishes are refused as busy before that. */
  public boolean recovered() {
    return recovered;
  }

  /**
   * Takes a wish; answered when it is on the disk. Refused at once while the queue is full or the
   * room is closed.
   */
  public CompletableFuture<Applied> desired(Desired desired) {
    CompletableFuture<Applied> answer = new CompletableFuture<>();
    Wish wish = new Wish(desired, answer);
    if (stopping || !recovered || !queue.offer(wish)) {
      wish.refuse();
    }
    LockSupport.unpark(thread);
    return answer;
  }

  /** Stops a run for a reason of the node's own, as a device that failed or a lease that ended. */
  public void stop(Stop stop) {
    put(() -> crew().foreman().stop(stop));
  }

  /**
   * A test of the site wants the node's accelerators. Answered on the thread {@code jobs}: empty
   * where it has them, and then no run looks at one or begins until {@link #testEnded}; else why
   * not. Whoever gives up cancels the answer.
   *
   * @param of the run around which it is; empty where somebody asked for it
   * @param longest that it waits for them
   */
  public CompletableFuture<Optional<String>> testBegins(Optional<RunId> of, Duration longest) {
    CompletableFuture<Optional<String>> answer = new CompletableFuture<>();
    if (!recovered) {
      answer.complete(Optional.of("the node does not know yet what runs on it; ask again"));
      return answer;
    }
    long until = clock.nanos() + longest.toNanos();
    put(() -> trial.begin(of, until, answer)); // and the turn's end decides
    if (stopping) {
      answer.complete(Optional.of("the agent is stopping"));
    }
    return answer;
  }

  /** A test that had the accelerators has ended. */
  public void testEnded() {
    put(trial::end);
  }

  /** The collector has kept all statuses up to this one. Never waits. */
  public void acknowledged(long sequence) {
    if (acknowledged.getAndAccumulate(sequence, Math::max) < sequence) {
      LockSupport.unpark(thread);
    }
  }

  /**
   * The collector was heard just now: what is held for its gang is held on. Any thread; never
   * waits.
   */
  public void heard() {
    heardNanos = clock.nanos();
  }

  /** Since the boot, the machine's sleep included. Any thread; never waits. */
  public Duration uptime() {
    return units.uptime();
  }

  /**
   * The collector lets runs go on, each for as long as its own lease lasts. Any thread, one at a
   * time; never waits.
   *
   * @param sent when the heartbeat was sent that it answers, by {@link #uptime}
   * @param longest that any may go on from then
   */
  public void leased(Duration sent, Duration longest) {
    Optional<Renewal> before = renewal;
    if (before.filter(last -> last.sent().compareTo(sent) >= 0).isEmpty()) {
      renewal = Optional.of(new Renewal(sent, longest));
      LockSupport.unpark(thread);
    }
  }

  /** What is to be told again to a new session, in order. */
  public List<Status> unacknowledged() {
    return view.unacknowledged();
  }

  /** All runs in the book, ended ones among them. */
  public List<Run> runs() {
    return view.runs();
  }

  /** Where what a run printed is kept, the older first. Any thread; reads a directory. */
  public List<OutputPart> output(RunId run) {
    return units.output(run);
  }

  /** Empty in quarantine, when nothing is told. Any thread. */
  public Optional<Standing> standing() {
    if (quarantine().isPresent()) {
      return Optional.empty();
    }
    View now = view;
    SortedMap<RunId, JobState> open = new TreeMap<>();
    for (Run run : now.runs()) {
      if (run.open()) {
        open.put(run.id(), run.state());
      }
    }
    return Optional.of(new Standing(now.status(), open));
  }

  public Head head() {
    Journal open = journal;
    View now = view;
    return open == null
        ? new Head("", 0, 0, now.term(), now.generation())
        : new Head(open.id(), open.head(), now.status(), now.term(), now.generation());
  }

  /** Why this node takes no jobs until somebody has looked; empty when all is well. */
  public Optional<String> quarantine() {
    Journal open = journal;
    return open == null ? Optional.empty() : open.quarantine();
  }

  @Override
  public void close() {
    stopping = true;
    if (!recovered) {
      thread.interrupt(); // it may wait for a launcher that does not answer
    }
    LockSupport.unpark(thread);
    units.close();
    try {
      if (thread.isAlive()) {
        thread.join(STOP_WAIT);
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
    for (Runnable task = queue.poll(); task != null; task = queue.poll()) {
      if (task instanceof Wish wish) {
        wish.refuse();
      }
    }
    Journal open = journal;
    if (open != null) {
      open.close();
    }
  }

  private Crew crew() {
    Crew working = crew;
    if (working == null) {
      throw new IllegalStateException("the jobs room was not started");
    }
    return working;
  }

  /** Waits for a place; news are never dropped, but for those of a room that closes. */
  private void put(Runnable task) {
    while (!stopping && !queue.offer(task)) {
      LockSupport.unpark(thread);
      clock.parkUntil(clock.nanos() + Duration.ofMillis(1).toNanos());
    }
    LockSupport.unpark(thread);
  }

  private void run() {
    while (!stopping) {
      turn();
      park();
    }
  }

  /**
   * Nothing is done to any run before it is known what is there; then one task that waits, and what
   * time asks for.
   */
  public void turn() {
    if (!recovered && !recover()) {
      return;
    }
    Runnable task = queue.poll();
    if (task != null) {
      safely(task);
    }
    safely(this::tick);
    safely(() -> publish(crew().ledger()));
  }

  private void park() {
    if (!recovered) {
      long again = clock.nanos() + BETWEEN_LISTS.toNanos();
      while (!stopping && clock.nanos() - again < 0) {
        clock.parkUntil(again);
      }
    } else if (!stopping && queue.isEmpty() && acknowledged.get() == noted) {
      clock.parkUntil(wake());
    }
  }

  private boolean recover() {
    try {
      takenUp(units.list());
      return true;
    } catch (RuntimeException unreadable) {
      String why = String.valueOf(unreadable.getMessage());
      if (!stopping && !why.equals(trouble)) {
        trouble = why;
        LOG.warn("what runs here is not known yet, and no wish is taken", unreadable);
      }
      return false;
    }
  }

  private void takenUp(List<Unit> there) {
    safely(() -> new Recovery(crew().ledger(), crew().foreman(), units, clock).run(there));
    units.watch(new News());
    safely(() -> publish(crew().ledger()));
    recovered = true;
    LOG.info("what runs here is known runs={}", there.size());
  }

  private long wake() {
    long beat = clock.nanos() + BEAT.toNanos();
    long next = crew().foreman().next().orElse(beat);
    return next - beat < 0 ? next : beat;
  }

  private void tick() {
    crew().foreman().tick();
    Ledger ledger = crew().ledger();
    long upTo = acknowledged.get();
    if (upTo > noted) {
      noted = upTo;
      ledger.acknowledged(upTo);
    }
    ledger.flush();
    long now = clock.nanos();
    if (forgetAt == 0 || now - forgetAt >= 0) {
      forgetAt = now + FORGETTING.toNanos();
      forget(ledger);
    }
  }

  private void forget(Ledger ledger) {
    List<Entry> due = Forgetting.due(ledger.book(), clock.wall().toEpochMilli());
    if (!due.isEmpty() && ledger.promise(due) instanceof Journal.Written.Done) {
      for (Entry entry : due) {
        if (entry instanceof Entry.Dropped(RunId run)) {
          units.forget(run);
        }
      }
    }
    crew()
        .orders()
        .keep(
            ledger.book().runs().stream()
                .filter(Run::open)
                .map(run -> run.id().text())
                .collect(Collectors.toSet()));
  }

  private static void safely(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      LOG.error("a task of the jobs room failed", e);
    }
  }

  private void publish(Ledger ledger) {
    List<Status> untold = ledger.unacknowledged();
    Book book = ledger.book();
    view =
        new View(List.copyOf(book.runs()), untold, book.sequence(), book.term(), book.generation());
    for (Status status : untold) {
      if (status.sequence() > reported) {
        reported = status.sequence();
        reports.accept(status);
      }
    }
  }

  /** A wish in the queue. */
  private final class Wish implements Runnable {
    private final Desired desired;
    private final CompletableFuture<Applied> answer;

    Wish(Desired desired, CompletableFuture<Applied> answer) {
      this.desired = desired;
      this.answer = answer;
    }

    @Override
    public void run() {
      try {
        answer.complete(crew().intake().apply(desired));
      } catch (RuntimeException | Error e) {
        answer.completeExceptionally(e);
        throw e;
      }
    }

    void refuse() {
      View now = view;
      answer.complete(
          new Applied(
              Applied.Verdict.BUSY,
              now.term(),
              now.generation(),
              Optional.of(
                  recovered
                      ? "the node has too much to do or is stopping; send it again"
                      : "the node does not know yet what runs on it; send it again"),
              List.of(),
              now.runs().stream().filter(Run::open).map(Applied.Held::of).toList()));
    }
  }

  /** Hands the units' news over to the owner's thread. */
  private final class News implements Units.Watcher {
    @Override
    public void changed(RunId run, Presence presence) {
      put(() -> crew().foreman().changed(run, presence));
    }

    @Override
    public void prepared(RunId run, Optional<String> trouble) {
      put(() -> crew().foreman().equipped(run, trouble));
    }

    @Override
    public void cleaned(RunId run) {
      put(() -> crew().foreman().cleaned(run));
    }

    @Override
    public void overdue(RunId run, String why) {
      put(() -> crew().foreman().overdue(run, why));
    }
  }
}
