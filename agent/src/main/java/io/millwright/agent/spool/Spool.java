package io.millwright.agent.spool;

import io.millwright.agent.records.Disk;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.frames.SpoolRange;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Samples that wait for the collector beyond what the session holds in memory.
 *
 * <p><i>Lifecycle:</i> {@link #start}, {@link #close}, which writes what waits. <i>Threading:</i>
 * the thread {@code spool} owns the files; {@link #sample} on the sampler's thread; the rest from
 * the session's, and none waits for the disk. <i>Failure:</i> where the disk takes nothing {@value
 * #MOST_IN_MEMORY} are held in memory and written once it does, the newest and fewer and fewer of
 * those before; the first trouble and its end are one line of the log each, and {@code
 * millwright_agent_spool_writable} says so.
 */
public final class Spool implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Spool.class);

  /** The one place that samples and reports are sent to. */
  private static final String DESTINATION = "collector";

  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final Duration RETRY = Duration.ofSeconds(5);
  private static final Duration STOP = Duration.ofSeconds(2);
  private static final int MOST_IN_MEMORY = 120;
  private static final long MOST_BYTES_IN_MEMORY = 2 << 20;
  private static final double MILLIS = 1000.0;

  /**
   * The lowest and highest readings of power and utilization are those of the trailing minute; some
   * seconds are left for what is read late.
   */
  private static final Duration LONGEST_GAP = Duration.ofSeconds(50);

  private final Settings settings;
  private final Clock clock;
  private final SegmentStore store;
  private final LongAdder delivered = new LongAdder();
  private final Readings readings;
  private final Places places;
  private final Object handover = new Object();
  private final Queue given = new Queue(); // by the handover's lock
  private final List<Spooled> lettingGo = new ArrayList<>(); // the same
  private final List<Long> refused = new ArrayList<>(); // the same
  private @Nullable Question question; // the same
  private long session; // the same
  private final Queue unwritten = new Queue();
  private long reads;
  private long writeErrors;
  private long retryNanos;
  private boolean recovered;
  private boolean failing;
  private volatile Counts counts = new Counts(0, 0, Long.MAX_VALUE, 0, 0, 0, 0, false);
  private volatile Held held = new Held(0, 0, Long.MAX_VALUE, 0, 0, 0, Map.of());
  private volatile SpoolRange range = SpoolRange.EMPTY;
  private volatile @Nullable Thread thread;
  private volatile boolean stopping;

  /**
   * @param directory of the files, made where the one above the next is
   * @param bytes that they take at most
   * @param node whose samples they are
   */
  public record Settings(Path directory, long bytes, String node) {}

  private record Question(long session, int most, Consumer<List<Spooled>> answer) {}

  private record Counts(
      long samples,
      long bytes,
      long oldestMillis,
      long dropped,
      long thinned,
      long writeErrors,
      long unreadable,
      boolean writable) {}

  /** Why a session with the collector could not be had, or broke. */
  public enum Failure {
    /** There was no connection. */
    CONNECT,
    /** The connection ended before the session was open, by TLS or by who the other side is. */
    HANDSHAKE,
    /** The collector turned this node away, or could not read it. */
    REFUSED,
    /** An open session ended, and neither side had said so. */
    BROKEN,
    /** Nothing was heard, or nothing was answered. */
    SILENT;

    /** As the label {@code reason} has it. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * What a session holds itself that was not sent, and how sessions went since the agent's start.
   *
   * @param reports of jobs that the collector has not acknowledged
   * @param leftOut samples that did not go live
   * @param unanswered sessions that ended because the collector answered nothing
   * @param failures sessions that could not be had or broke, by reason
   */
  public record Held(
      long samples,
      long bytes,
      long oldestMillis,
      long reports,
      long leftOut,
      long unanswered,
      Map<Failure, Long> failures) {
    public Held {
      failures = Map.copyOf(failures);
    }
  }

  /** Where in the readings each series is. */
  private record Places(
      int bytes,
      int samples,
      int age,
      int dropped,
      int writable,
      int errors,
      int unreadable,
      int delivered,
      int leftOut,
      int thinned,
      int unanswered,
      int queue,
      Map<Failure, Integer> failures) {}

  /**
   * Samples of bounded number and bytes: the newest, and fewer of those before. One is taken out
   * where its neighbours are less than a minute apart, because the later one has the extremes of
   * that time; only where none is, the oldest goes.
   */
  private static final class Queue {
    private final Deque<KeptSample> samples = new ArrayDeque<>();
    private long bytes;
    private long dropped;
    private long thinned;

    void add(KeptSample sample) {
      samples.addLast(sample);
      bytes += sample.frames().length();
      while (samples.size() > MOST_IN_MEMORY || bytes > MOST_BYTES_IN_MEMORY) {
        if (!thin()) {
          removeFirst();
          dropped++;
        }
      }
    }

    /** Takes out the one whose neighbours are closest, of such the oldest. */
    private boolean thin() {
      Optional<KeptSample> gone = leastMissed();
      gone.ifPresent(least -> {
        samples.removeIf(sample -> sample.at().equals(least.at()));
        bytes -= least.frames().length();
        thinned++;
      });
      return gone.isPresent();
    }

    private Optional<KeptSample> leastMissed() {
      List<KeptSample> all = List.copyOf(samples);
      Optional<KeptSample> least = Optional.empty();
      long shortest = LONGEST_GAP.toMillis() + 1;
      for (int i = 1; i < all.size() - 1; i++) {
        long gap = all.get(i + 1).wallMillis() - all.get(i - 1).wallMillis();
        if (gap >= 0 && gap < shortest && alike(all.get(i - 1), all.get(i), all.get(i + 1))) {
          shortest = gap;
          least = Optional.of(all.get(i));
        }
      }
      return least;
    }

    private static boolean alike(KeptSample before, KeptSample middle, KeptSample after) {
      return before.at().incarnation() == after.at().incarnation()
          && before.schema().equals(middle.schema())
          && middle.schema().equals(after.schema());
    }

    void removeFirst() {
      bytes -= samples.removeFirst().frames().length();
    }

    void moveTo(Queue other) {
      samples.forEach(other::add);
      samples.clear();
      bytes = 0;
    }
  }

  public Spool(Settings settings, Clock clock) {
    this(settings, Disk.real(), clock);
  }

  Spool(Settings settings, Disk disk, Clock clock) {
    this.settings = settings;
    this.clock = clock;
    this.store = new SegmentStore(settings.directory(), settings.bytes(), settings.node(), disk);
    SeriesTable.Builder table = SeriesTable.builder();
    this.places =
        new Places(
            place(table, Metric.AGENT_SPOOL_BYTES, "samples"),
            place(table, Metric.AGENT_SPOOL_SAMPLES),
            place(table, Metric.AGENT_SPOOL_OLDEST_AGE_SECONDS),
            place(table, Metric.AGENT_SPOOL_DROPPED_TOTAL, "samples"),
            place(table, Metric.AGENT_SPOOL_WRITABLE),
            place(table, Metric.AGENT_SPOOL_WRITE_ERRORS_TOTAL),
            place(table, Metric.AGENT_SPOOL_UNREADABLE_TOTAL),
            place(table, Metric.AGENT_BACKFILLED_SAMPLES_TOTAL),
            place(table, Metric.AGENT_LIVE_SAMPLES_LEFT_OUT_TOTAL),
            place(table, Metric.AGENT_SPOOL_THINNED_TOTAL),
            place(table, Metric.AGENT_UNANSWERED_SESSIONS_TOTAL),
            place(table, Metric.AGENT_REMOTE_QUEUE_LENGTH, DESTINATION),
            failures(table));
    this.readings = new Readings(table.build());
  }

  private Map<Failure, Integer> failures(SeriesTable.Builder table) {
    Map<Failure, Integer> places = new EnumMap<>(Failure.class);
    for (Failure why : Failure.values()) {
      places.put(
          why, place(table, Metric.AGENT_REMOTE_PUSH_FAILURES_TOTAL, DESTINATION, why.word()));
    }
    return places;
  }

  private int place(SeriesTable.Builder table, Metric metric, String... labels) {
    List<String> values = new ArrayList<>(List.of(settings.node()));
    values.addAll(List.of(labels));
    return table.add(Cadence.FAST, Series.of(metric, values.toArray(String[]::new)));
  }

  /** Begins the thread, which finds what earlier starts have left. */
  public void start() {
    Thread made = Threads.platform("spool", this::run);
    thread = made;
    made.start();
  }

  // ---- from the session's thread

  /** Takes a sample that the session can hold no longer. */
  public void keep(KeptSample sample) {
    synchronized (handover) {
      given.add(sample);
    }
    LockSupport.unpark(thread);
  }

  /** Whether the disk took what was last given it; from any thread. */
  public boolean writable() {
    return counts.writable();
  }

  /** What the session holds itself; for the metrics. */
  public void holding(Held now) {
    held = now;
  }

  /** Where the kept samples begin and end. */
  public SpoolRange range() {
    return range;
  }

  /**
   * A session begins: all that the collector has not got is read again.
   *
   * @return for {@link #next}
   */
  public long begin() {
    synchronized (handover) {
      session++;
      question = null;
      return session;
    }
  }

  /**
   * Asks for the next so many to be sent, one question at a time.
   *
   * @param of from {@link #begin}; a session before the newest gets no answer
   * @param answer gets them on the thread {@code spool}, newest file first, each file from its
   *     beginning; fewer where a file ends, none where all was read
   */
  public void next(long of, int most, Consumer<List<Spooled>> answer) {
    synchronized (handover) {
      if (of == session) {
        question = new Question(of, most, answer);
      }
    }
    LockSupport.unpark(thread);
  }

  /** The collector has these. */
  public void letGo(List<Spooled> samples) {
    synchronized (handover) {
      lettingGo.addAll(samples);
    }
    LockSupport.unpark(thread);
  }

  /** So many samples came to the collector as backfill. */
  public void delivered(int samples) {
    delivered.add(samples);
  }

  /** The collector does not take what this file has; it is given up. */
  public void refuse(long segment) {
    synchronized (handover) {
      refused.add(segment);
    }
    LockSupport.unpark(thread);
  }

  // ---- on the sampler's thread

  /** How much waits, as series. */
  public Sample sample() {
    Counts now = counts;
    Held memory = held;
    long wallMillis = clock.wall().toEpochMilli();
    long oldest = Math.min(wallMillis, Math.min(now.oldestMillis(), memory.oldestMillis()));
    readings.measured(places.bytes(), (double) (now.bytes() + memory.bytes()));
    readings.measured(places.samples(), (double) (now.samples() + memory.samples()));
    readings.measured(places.age(), (wallMillis - oldest) / MILLIS);
    readings.measured(places.dropped(), (double) now.dropped());
    readings.measured(places.writable(), now.writable() ? 1 : 0);
    readings.measured(places.errors(), (double) now.writeErrors());
    readings.measured(places.unreadable(), (double) now.unreadable());
    readings.measured(places.delivered(), (double) delivered.sum());
    readings.measured(places.leftOut(), (double) memory.leftOut());
    readings.measured(places.unanswered(), (double) memory.unanswered());
    readings.measured(places.thinned(), (double) now.thinned());
    readings.measured(
        places.queue(), (double) (now.samples() + memory.samples() + memory.reports()));
    places
        .failures()
        .forEach(
            (why, at) -> readings.measured(at, (double) memory.failures().getOrDefault(why, 0L)));
    return readings.sample();
  }

  // ---- on the thread spool

  private void run() {
    while (!stopping) {
      turn();
      if (idle() && !stopping) {
        clock.parkUntil(clock.nanos() + LOOK.toNanos());
      }
    }
    turn();
    store.close();
  }

  private boolean idle() {
    synchronized (handover) {
      return given.samples.isEmpty() && lettingGo.isEmpty() && question == null;
    }
  }

  private void turn() {
    List<Spooled> gone;
    List<Long> never;
    Question asked;
    long newest;
    synchronized (handover) {
      given.moveTo(unwritten);
      gone = List.copyOf(lettingGo);
      lettingGo.clear();
      never = List.copyOf(refused);
      refused.clear();
      asked = question;
      question = null;
      newest = session;
    }
    try {
      write();
      gone.forEach(store::letGo);
      never.forEach(store::refuse);
      answer(asked, newest);
    } catch (RuntimeException | Error e) {
      LOG.error("the spool cannot go on with what it was told", e);
    }
    publish();
  }

  private void answer(@Nullable Question asked, long newest) {
    if (reads != newest) {
      reads = newest;
      store.readAgain();
    }
    if (asked != null && asked.session() == newest) {
      asked.answer().accept(store.next(asked.most()));
    }
  }

  /** Tries once more where the disk did not take something, but not at each turn. */
  private void write() {
    if (failing && !stopping && clock.nanos() - retryNanos < 0) {
      return;
    }
    try {
      if (!recovered) {
        store.recover();
        recovered = true;
        store.check();
      }
      if (failing) {
        store.check();
      }
      while (!unwritten.samples.isEmpty()) {
        KeptSample oldest = unwritten.samples.getFirst();
        append(oldest);
        unwritten.removeFirst();
      }
      works();
    } catch (IOException e) {
      fails(e);
    }
  }

  /** A sample that is none is not tried for ever. */
  private void append(KeptSample sample) throws IOException {
    try {
      store.append(sample);
    } catch (IllegalArgumentException e) {
      unwritten.dropped++;
      LOG.error("a sample cannot be kept", e);
    }
  }

  private void works() {
    if (failing) {
      LOG.info("samples are kept on the disk again path={}", settings.directory());
    }
    failing = false;
  }

  private void fails(IOException e) {
    if (!failing) {
      LOG.warn(
          "samples cannot be kept on the disk, and {} are kept in memory path={}",
          MOST_IN_MEMORY,
          settings.directory(),
          e);
    }
    failing = true;
    writeErrors++;
    retryNanos = clock.nanos() + RETRY.toNanos();
  }

  private void publish() {
    long oldest =
        unwritten.samples.isEmpty() ? Long.MAX_VALUE : unwritten.samples.getFirst().wallMillis();
    long droppedInMemory;
    long thinnedInMemory;
    synchronized (handover) {
      droppedInMemory = given.dropped;
      thinnedInMemory = given.thinned;
    }
    counts =
        new Counts(
            store.waiting() + unwritten.samples.size(),
            store.bytes() + unwritten.bytes,
            Math.min(oldest, store.oldestMillis()),
            store.dropped() + unwritten.dropped + droppedInMemory,
            unwritten.thinned + thinnedInMemory,
            writeErrors,
            store.unreadable(),
            recovered && !failing);
    range = store.range();
  }

  /** Writes what waits, and no longer than two seconds. */
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
  }
}
