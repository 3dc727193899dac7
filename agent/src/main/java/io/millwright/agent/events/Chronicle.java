package io.millwright.agent.events;

import io.millwright.agent.health.News;
import io.millwright.agent.records.Disk;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.event.EventKind;
import io.millwright.protocol.vocabulary.event.NodeEvent;
import io.millwright.protocol.vocabulary.event.Severity;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.job.RunAccount;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The events of this node, from what the sampler found to what the collector has.
 *
 * <p><i>Lifecycle:</i> {@link #open}, {@link #start} where a thread is to keep them, {@link #ended}
 * after the last tick, {@link #close}. <i>Threading:</i> {@link #follow}, {@link #observe}, {@link
 * #pending} and {@link #sample} on the sampler's thread; the thread {@code events} owns the store;
 * the rest from any, and none waits for the disk. <i>Failure:</i> a disk that takes nothing costs
 * no event of the newest thousand while the agent runs.
 */
public final class Chronicle implements EventLog, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Chronicle.class);
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final Duration STOP = Duration.ofSeconds(2);
  private static final int MOST_OUTGOING = 2_048;
  private static final int MOST_QUESTIONS = 64;
  private static final int MOST_RUNS = 1_024;
  private static final long A_MILLISECOND = 1_000;
  private static final long NANOS = 1_000_000;

  private final Settings settings;
  private final Clock clock;
  private final Disk disk;
  private final Narrator narrator;
  private final Consumer<NodeEvent> telling = this::told;
  private final Consumer<NodeEvent> digesting = this::taken;
  private final Deque<Entry> outgoing = new ArrayDeque<>();
  private final ConcurrentLinkedQueue<Question> questions = new ConcurrentLinkedQueue<>();
  private final ArrayBlockingQueue<RunNews> runs = new ArrayBlockingQueue<>(MOST_RUNS);
  private final ArrayBlockingQueue<RunAccount> accounts = new ArrayBlockingQueue<>(MOST_RUNS);
  private final ArrayBlockingQueue<HolderNews> holders = new ArrayBlockingQueue<>(MOST_RUNS);
  private final Object keeping = new Object();
  private final Readings readings;
  private final int stored;
  private final int dropped;
  private final int bytes;
  private final int age;
  private Digest digest;
  private Pending pending = Pending.NOTHING;
  private boolean changed;
  private boolean woken;
  private long next = 1;
  private EventStore store = EventStore.inMemory();
  private volatile Counts counts = new Counts(0, 0, 0, OptionalLong.empty());
  private volatile UUID id = store.id();
  private volatile long newest;
  private volatile long durable;
  private volatile long acknowledged;
  private volatile Runnable listener = () -> {};
  private volatile Runnable keeper = () -> {};
  private volatile @Nullable Thread thread;
  private volatile boolean stopping;

  /**
   * @param directory of the store, below that of the counts
   * @param bootId of the kernel's present boot
   * @param collector whether somebody takes the events; else none is missed by anybody
   */
  public record Settings(
      String node, String bootId, Path directory, Limits limits, boolean collector) {}

  private record Question(long after, int most, Consumer<List<Entry>> answer) {}

  private record Counts(long stored, long dropped, long bytes, OptionalLong oldestMs) {}

  public Chronicle(Settings settings, Clock clock) {
    this(settings, Disk.real(), clock);
  }

  Chronicle(Settings settings, Disk disk, Clock clock) {
    this(settings, RuleCatalogue.load(), disk, clock);
  }

  Chronicle(Settings settings, RuleCatalogue rules, Disk disk, Clock clock) {
    this.settings = settings;
    this.clock = clock;
    this.disk = disk;
    this.narrator = new Narrator(rules, settings.bootId());
    this.digest = new Digest(List.of(), 0);
    this.acknowledged = settings.collector() ? 0 : Long.MAX_VALUE;
    SeriesTable.Builder table = SeriesTable.builder();
    this.stored =
        table.add(Cadence.FAST, Series.of(Metric.AGENT_EVENTS_STORED_TOTAL, settings.node()));
    this.dropped =
        table.add(
            Cadence.FAST, Series.of(Metric.AGENT_SPOOL_DROPPED_TOTAL, settings.node(), "events"));
    this.bytes = table.add(Cadence.FAST, Series.of(Metric.AGENT_EVENTS_BYTES, settings.node()));
    this.age =
        table.add(
            Cadence.FAST,
            Series.of(Metric.AGENT_EVENTS_OLDEST_UNACKNOWLEDGED_SECONDS, settings.node()));
    this.readings = new Readings(table.build());
  }

  /**
   * Goes on where an earlier start has ended. Before the first tick.
   *
   * @param kept beside the counts
   * @param onDisk whether there is a directory to keep anything in
   * @param booted whether the counts are of another boot
   */
  public void open(Pending kept, boolean onDisk, boolean booted) {
    synchronized (keeping) {
      store =
          onDisk
              ? EventStore.open(settings.directory(), disk, settings.limits())
              : EventStore.inMemory();
      id = store.id();
      newest = store.newest();
      durable = store.durable();
      acknowledged(Math.min(kept.acknowledged(), Math.max(newest, kept.newest())));
      store.acknowledged(acknowledged);
    }
    digest = new Digest(kept.waiting(), nowMs());
    kept.outgoing().stream().filter(entry -> entry.sequence() > newest).forEach(outgoing::addLast);
    next = 1 + Math.max(Math.max(newest, kept.newest()), beginning());
    changed = true;
    if (booted) {
      taken(
          narrator.of(
              EventKind.NODE_BOOTED,
              Severity.INFO,
              wallMs(),
              "The node has booted; what was counted before counts no more."));
    }
    taken(narrator.of(EventKind.AGENT_STARTED, Severity.INFO, wallMs(), "The agent has started."));
  }

  /** So that numbers rise also where the last ones were told and never came to the disk. */
  private long beginning() {
    return wallMs() * A_MILLISECOND;
  }

  /**
   * Begins the thread that keeps.
   *
   * @param keep saves the counts with what is pending, and ends with {@link #keep}
   */
  public void start(Runnable keep) {
    keeper = keep;
    Thread made = Threads.platform("events", this::run);
    thread = made;
    made.start();
  }

  // ---- on the sampler's thread

  /** Words what happens by these rules, from now on. */
  public void follow(RuleCatalogue rules) {
    narrator.follow(rules);
  }

  /** Takes that a run has begun or ended until the next tick; from any thread, and never waits. */
  public void ran(RunNews news) {
    if (!runs.offer(news)) {
      LOG.warn("more runs began and ended than are told of run={}", news.run());
    }
  }

  /** Takes the account of a run until the next tick; from any thread, and never waits. */
  public void accounted(RunAccount account) {
    if (!accounts.offer(account)) {
      LOG.warn("more accounts of runs come than are told run={}", account.run().text());
    }
  }

  /** Takes who holds a device of a run until the next tick; from any thread, and never waits. */
  public void held(HolderNews news) {
    if (!holders.offer(news)) {
      LOG.warn("more holders of runs' devices come and go than are told run={}", news.run());
    }
  }

  /** Accounts are told one by one: two of them never add up to one. */
  private void takeRuns() {
    for (RunNews next = runs.poll(); next != null; next = runs.poll()) {
      taken(narrator.of(next));
    }
    for (HolderNews next = holders.poll(); next != null; next = holders.poll()) {
      taken(narrator.of(next));
    }
    for (RunAccount next = accounts.poll(); next != null; next = accounts.poll()) {
      told(narrator.of(next));
    }
  }

  /** A tick: what is new in the counts, and how everything is judged. */
  public void observe(List<News> news, HealthReport report) {
    takeRuns();
    for (News one : news) {
      taken(narrator.of(one, report.atMs()));
    }
    narrator.compare(report, digesting);
    digest.step(nowMs(), telling);
  }

  private void taken(NodeEvent event) {
    digest.take(event, nowMs(), telling);
  }

  private void told(NodeEvent event) {
    outgoing.addLast(new Entry(next, wallMs(), event));
    next++;
    changed = true;
    if (outgoing.size() > MOST_OUTGOING) {
      outgoing.removeFirst();
    }
  }

  /** What is to be kept with the counts of this tick. */
  public Pending pending() {
    while (!outgoing.isEmpty() && outgoing.getFirst().sequence() <= durable) {
      outgoing.removeFirst();
      changed = true;
    }
    boolean other = digest.changed();
    woken = changed && !outgoing.isEmpty();
    if (changed || other) {
      changed = false;
      pending =
          new Pending(
              new ArrayList<>(outgoing), digest.waiting(), settings.collector() ? acknowledged : 0);
    }
    return pending;
  }

  /** The keeping begins at once where something was told. */
  public void wake() {
    if (woken) {
      woken = false;
      LockSupport.unpark(thread);
    }
  }

  /** The last tick was: what waits is told now. */
  public Pending ended() {
    takeRuns();
    digest.flush(telling);
    told(narrator.of(EventKind.AGENT_STOPPED, Severity.INFO, wallMs(), "The agent stops."));
    return pending();
  }

  /** How much is kept, as series. */
  public Sample sample() {
    Counts now = counts;
    readings.measured(stored, (double) now.stored());
    readings.measured(dropped, (double) now.dropped());
    readings.measured(bytes, (double) now.bytes());
    long oldestMs = now.oldestMs().orElse(wallMs());
    readings.measured(age, Math.max(0, wallMs() - oldestMs) / (double) A_MILLISECOND);
    return readings.sample();
  }

  private long nowMs() {
    return clock.nanos() / NANOS;
  }

  private long wallMs() {
    return clock.wall().toEpochMilli();
  }

  // ---- on the thread that keeps

  private void run() {
    while (!stopping) {
      try {
        keeper.run();
        answer();
      } catch (RuntimeException | Error e) {
        LOG.error("the events cannot be kept", e);
      }
      if (questions.isEmpty() && !stopping) {
        clock.parkUntil(clock.nanos() + LOOK.toNanos());
      }
    }
  }

  /** Takes what was told into the store, which has it when this returns. */
  public void keep(Pending kept) {
    boolean news;
    synchronized (keeping) {
      store.acknowledged(acknowledged);
      news = kept.newest() > newest;
      store.append(kept.outgoing());
      store.expire(wallMs());
      newest = store.newest();
      durable = store.durable();
      counts =
          new Counts(
              store.stored(), store.dropped(), store.bytes(), store.oldestUnacknowledgedMs());
    }
    if (news) {
      listener.run();
    }
  }

  /** Gives those who asked what they asked for. */
  void answer() {
    for (Question next = questions.poll(); next != null; next = questions.poll()) {
      List<Entry> found;
      synchronized (keeping) {
        found = store.after(next.after(), next.most());
      }
      next.answer().accept(found);
    }
  }

  // ---- for whoever carries them to the collector

  @Override
  public UUID id() {
    return id;
  }

  @Override
  public long newest() {
    return newest;
  }

  /** Told on the thread {@code events} when there is more; must not wait. */
  @Override
  public void listen(Runnable told) {
    listener = told;
  }

  /** The first so many behind this number; the answer comes on the thread {@code events}. */
  @Override
  public void after(long sequence, int most, Consumer<List<Entry>> answer) {
    if (questions.size() >= MOST_QUESTIONS) {
      answer.accept(List.of());
      return;
    }
    questions.add(new Question(sequence, most, answer));
    LockSupport.unpark(thread);
  }

  @Override
  public void acknowledged(long sequence) {
    acknowledged = Math.max(acknowledged, sequence);
  }

  @Override
  public void close() {
    stopping = true;
    Thread ending = thread;
    LockSupport.unpark(ending);
    try {
      if (ending != null) {
        ending.join(STOP);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    synchronized (keeping) {
      store.close();
    }
  }
}
