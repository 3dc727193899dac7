package io.millwright.collector.export;

import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.fleet.Link;
import io.millwright.collector.fleet.NodeState;
import io.millwright.collector.late.LateSink;
import io.millwright.collector.store.SendQueue;
import io.millwright.collector.store.StoreException;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends what the nodes read to one receiver.
 *
 * <p>At each interval the newest sample of each node goes into requests, these into a queue on the
 * disk, and from there one after the other to the receiver: a series is sent in the order of its
 * samples, and nothing is forgotten before the receiver has taken it or called it wrong. A request
 * whose answer was lost is sent again as it was. Series that have ended get Prometheus' stale
 * marker. Where the site wants it, what agents kept while they could not send it follows in
 * requests of its own, from a queue of its own, whenever nothing of the present waits ({@link
 * LateRows}).
 *
 * <p><i>Lifecycle:</i> {@link #start} and {@link #close} once. <i>Threading:</i> the thread of the
 * format's name owns it; {@link #sample} from any. <i>Failure:</i> a receiver that is away or wants
 * less is asked again, later and later, at most a minute apart or when it said; beyond the queue's
 * bytes the oldest requests are dropped. A disk that takes nothing loses that interval's samples.
 * All of it is counted.
 */
public final class Exporter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Exporter.class);

  /**
   * Late samples of nodes that are made requests of before it is looked whether an interval is
   * over.
   */
  private static final int MOST_LATE_AT_ONCE = 64;

  private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);
  private static final Duration STOP = Duration.ofSeconds(5);
  private static final Duration SAID_AGAIN = Duration.ofMinutes(1);

  private final ExportOptions options;
  private final Supplier<FleetState> fleet;
  private final Outbox live;
  private final Optional<Late> late;
  private final Receiver receiver;
  private final Clock clock;
  private final Duration firstWait;
  private final Thread thread;
  private final Encoding encoding;
  private final Map<String, NodeExport> nodes = new HashMap<>();
  private final Random random = new Random();
  private final AtomicLong failures = new AtomicLong();
  private final AtomicLong limits = new AtomicLong();
  private final Sent sent;
  private volatile boolean closed;
  private volatile long oldestMs = Long.MAX_VALUE;
  private int tries;
  private long againNanos;
  private volatile boolean failing;
  private volatile boolean refusing;
  private volatile boolean diskFails;
  private long refusalSaidNanos;

  /** What agents kept while they could not send it, where the site wants it. */
  private record Late(LateRows rows, Outbox box) {}

  /** The request that is under way. */
  private static final class Sent {
    private Outbox from;
    private Optional<SendQueue.Waiting> request = Optional.empty();
    private CompletableFuture<Answer> answer = CompletableFuture.completedFuture(Answer.TAKEN);

    Sent(Outbox from) {
      this.from = from;
    }
  }

  /**
   * Looks at what these options name, and opens nothing.
   *
   * @throws IOException where the file of the receiver's authority cannot be used; one sentence
   */
  public static ExportOptions requireUsable(ExportOptions options) throws IOException {
    if (options.authority().isPresent()) {
      Receiver.trusting(options.authority().get());
    }
    return options;
  }

  /**
   * Opens the queue and sends nothing.
   *
   * @param directory of the queue's file, which is made where it is not there
   * @throws IOException where the receiver's authority cannot be read
   * @throws StoreException where the queue cannot be opened
   */
  public Exporter(ExportOptions options, Path directory, Supplier<FleetState> fleet, Clock clock)
      throws IOException {
    this(options, directory, fleet, clock, Duration.ofSeconds(1));
  }

  /**
   * One of other patience.
   *
   * @param firstWait before a request is sent again; doubles each time
   */
  Exporter(
      ExportOptions options,
      Path directory,
      Supplier<FleetState> fleet,
      Clock clock,
      Duration firstWait)
      throws IOException {
    this.options = options;
    this.fleet = fleet;
    this.clock = clock;
    this.firstWait = firstWait;
    this.encoding = options.format().encoding(options.labels());
    this.receiver = new Receiver(options, encoding, clock);
    this.thread = Threads.platform(options.format().file(), this::run);
    try {
      this.live = open(directory.resolve(options.format().queueFile()));
    } catch (RuntimeException e) {
      receiver.close();
      throw e;
    }
    try {
      this.late = options.backfill().map(oldest -> late(oldest, directory));
    } catch (RuntimeException e) {
      live.close();
      receiver.close();
      throw e;
    }
    this.sent = new Sent(live);
    this.againNanos = clock.nanos();
  }

  private Outbox open(Path file) {
    return Outbox.open(file, options.queueBytes(), options.format(), encoding);
  }

  private Late late(Duration oldest, Path directory) {
    return new Late(
        new LateRows(oldest, options.interval(), encoding, () -> LockSupport.unpark(thread), clock),
        open(directory.resolve(options.format().lateQueueFile())));
  }

  /** Takes what comes from agents' spools; drops it where the site does not want it sent. */
  public LateSink late() {
    return late.<LateSink>map(Late::rows).orElse(LateSink.NONE);
  }

  public void start() {
    thread.start();
  }

  private void run() {
    long due = clock.nanos();
    while (!closed) {
      if (clock.nanos() - due >= 0) {
        attempt(this::takeFleet);
        long behind = (clock.nanos() - due) / options.interval().toNanos();
        due += (behind + 1) * options.interval().toNanos();
      }
      late.ifPresent(waiting -> attempt(() -> takeLate(waiting)));
      if (!attempt(this::send)) {
        againNanos = clock.nanos() + firstWait.toNanos();
      }
      if (!closed && !ready()) {
        clock.parkUntil(earlier(due));
      }
    }
    late.ifPresent(this::takeRest);
  }

  /** What was acknowledged to its node goes to the disk before the end. */
  private void takeRest(Late from) {
    boolean taken = true;
    while (taken && !from.rows().empty()) {
      taken = attempt(() -> takeLate(from));
    }
  }

  /** Whether there is something to do before the next interval. */
  private boolean ready() {
    boolean something = sent.request.isPresent() ? sent.answer.isDone() : waits();
    boolean came = late.filter(one -> !one.rows().empty()).isPresent();
    return came || (something && clock.nanos() - againNanos >= 0);
  }

  /** Whether a request waits on the disk. */
  private boolean waits() {
    return !live.empty() || late.filter(one -> !one.box().empty()).isPresent();
  }

  private long earlier(long due) {
    boolean underWay = sent.request.isPresent() && !sent.answer.isDone();
    return !underWay && waits() && againNanos - due < 0 ? againNanos : due;
  }

  /** Whether it did not fail. */
  private boolean attempt(Runnable step) {
    boolean done = false;
    try {
      step.run();
      done = true;
    } catch (StoreException e) {
      if (!diskFails) {
        LOG.error("the queue of {} cannot be kept, and samples are lost", words(), e);
        diskFails = true;
      }
    } catch (RuntimeException e) {
      LOG.error("{} failed", words(), e);
    }
    live.look();
    late.ifPresent(one -> one.box().look());
    return done;
  }

  // ---- from the fleet into the queue

  private void takeFleet() {
    long wallMs = clock.wall().toEpochMilli(); // before what is newer than it can be in the fleet
    FleetState now = fleet.get();
    long nanos = clock.nanos();
    for (NodeState node : now.nodes().values()) {
      if (node.link(nanos) == Link.CONNECTED && node.sample().table().size() > 0) {
        NodeExport export =
            nodes.computeIfAbsent(
                node.name(),
                name ->
                    new NodeExport(
                        Source.of(node), SeriesKeys.of(node.sample().table(), encoding)));
        if (export.take(node, encoding, point -> live.take(export.source(), point))) {
          late.ifPresent(one -> one.rows().sent(node.name(), export.toldMs()));
        }
      }
    }
    nodes
        .entrySet()
        .removeIf(entry -> {
          boolean gone =
              now.node(entry.getKey()).filter(node -> node.link(nanos) == Link.CONNECTED).isEmpty();
          if (gone) {
            NodeExport ended = entry.getValue();
            ended.end(wallMs, point -> live.take(ended.source(), point));
          }
          return gone;
        });
    keep(live);
  }

  /** What came late waits on a disk of its own and goes when nothing else does. */
  private void takeLate(Late from) {
    Optional<LateRows.LateRow> next = from.rows().next();
    for (int i = 1; next.isPresent() && i < MOST_LATE_AT_ONCE; i++) {
      take(next.get(), from.box());
      next = from.rows().next();
    }
    next.ifPresent(last -> take(last, from.box()));
    keep(from.box());
  }

  private void keep(Outbox box) {
    if (box.flush()) {
      diskTakes();
    }
  }

  private void take(LateRows.LateRow row, Outbox into) {
    Optional<SeriesKeys> known = Optional.ofNullable(nodes.get(row.node())).map(NodeExport::keys);
    Source source =
        fleet.get().node(row.node()).map(Source::of).orElseGet(() -> new Source(row.node(), ""));
    row.keys().take(row.row(), known, row.wallMs(), point -> into.take(source, point));
  }

  private void diskTakes() {
    if (diskFails) {
      LOG.info("the queue of {} is kept again", words());
      diskFails = false;
    }
  }

  // ---- from the queue to the receiver

  private void send() {
    if (sent.request.isPresent()) {
      if (!sent.answer.isDone() || clock.nanos() - againNanos < 0) {
        return;
      }
      SendQueue.Waiting request = sent.request.get();
      settle(request, sent.answer.join());
      sent.request = Optional.empty();
    }
    if (live.empty()) {
      oldestMs = Long.MAX_VALUE;
    }
    if (waits() && clock.nanos() - againNanos >= 0) {
      Outbox from = live.empty() ? late.map(Late::box).orElse(live) : live;
      Optional<SendQueue.Waiting> next = from.first();
      next.ifPresent(request -> {
        oldestMs = from == live ? request.request().oldestMs() : oldestMs;
        CompletableFuture<Answer> answer = receiver.send(request.request().body());
        sent.answer = answer;
        sent.from = from;
        sent.request = next;
        var _ = answer.whenComplete((is, failure) -> LockSupport.unpark(thread));
      });
    }
  }

  private void settle(SendQueue.Waiting request, Answer answer) {
    switch (answer) {
      case Answer.Taken(long refused, String why) -> {
        sent.from.taken(request, refused);
        settled();
        refusing = refused > 0;
        if (refusing) {
          sayRefused(refused, why);
        }
        if (failing) {
          LOG.info("{} goes on receiver={}", words(), receiver.name());
          failing = false;
        }
      }
      case Answer.Refused(String why) -> {
        sent.from.refused(request);
        settled();
        refusing = true;
        sayRefused(request.request().samples(), why);
      }
      case Answer.Again(String why, boolean limited, Optional<Duration> after) -> {
        (limited ? limits : failures).incrementAndGet();
        againNanos =
            clock.nanos() + Math.max(after.orElse(Duration.ZERO).toNanos(), backOff().toNanos());
        tries++;
        if (!failing) {
          LOG.warn(
              "the receiver takes no samples; they wait on the disk receiver={}: {}",
              receiver.name(),
              why);
          failing = true;
        }
      }
    }
  }

  /** It is off the disk, and the next goes at once. */
  private void settled() {
    diskTakes();
    tries = 0;
    againNanos = clock.nanos();
  }

  private void sayRefused(long samples, String why) {
    if (refusalSaidNanos == 0 || clock.nanos() - refusalSaidNanos > SAID_AGAIN.toNanos()) {
      refusalSaidNanos = clock.nanos();
      LOG.warn(
          "the receiver refuses samples, and they are dropped receiver={} samples={}: {}",
          receiver.name(),
          samples,
          why);
    }
  }

  /** Longer each time, and never the same for two collectors. */
  private Duration backOff() {
    Duration wait = firstWait;
    for (int i = 0; i < tries && wait.compareTo(LONGEST_WAIT) < 0; i++) {
      wait = wait.multipliedBy(2);
    }
    long most = Math.min(wait.toNanos(), LONGEST_WAIT.toNanos());
    return Duration.ofNanos(most - random.nextLong(most / 4 + 1));
  }

  // ---- told of itself

  private String words() {
    return options.format().words();
  }

  /** The label of its queue. */
  public String queue() {
    return options.format().queue();
  }

  /** Bytes that wait on the disk. */
  public long waitingBytes() {
    return live.waitingBytes();
  }

  /** The most that may. */
  public long mostBytes() {
    return options.queueBytes();
  }

  /** What keeps samples from the receiver, in one sentence; empty where nothing does. */
  public Optional<String> trouble() {
    if (diskFails) {
      return Optional.of(
          "%s loses samples: its queue's disk takes nothing; see the disk of --data"
              .formatted(words()));
    }
    if (failing) {
      return Optional.of(
          "%s waits for %s: its samples wait on the disk".formatted(words(), receiver.name()));
    }
    return refusing
        ? Optional.of(
            "%s loses samples: %s refuses them; see the log".formatted(words(), receiver.name()))
        : Optional.empty();
  }

  /** What waits, what was taken and what was lost. */
  public Sample sample() {
    SeriesTable.Builder table = SeriesTable.builder();
    List<Double> values = new ArrayList<>();
    Format.Families families = options.format().families();
    String queue = options.format().queue();
    queueLength(table, values, queue, live);
    add(
        table,
        values,
        (double) (live.waitingBytes() + late.map(one -> one.box().waitingBytes()).orElse(0L)),
        Series.of(families.bytes()));
    add(
        table,
        values,
        oldestMs == Long.MAX_VALUE
            ? 0
            : Math.max(0, clock.wall().toEpochMilli() - oldestMs) / 1000.0,
        Series.of(families.lag(), receiver.name()));
    result(table, values, families.samples(), "taken", live.taken());
    result(table, values, families.samples(), "refused", live.refused());
    add(
        table,
        values,
        (double) live.full(),
        Series.of(Metric.COLLECTOR_DROPPED_TOTAL, queue, "full"));
    add(
        table,
        values,
        (double) live.unkept(),
        Series.of(Metric.COLLECTOR_DROPPED_TOTAL, queue, "disk"));
    add(table, values, (double) failures.get(), Series.of(families.retries(), "failed"));
    add(table, values, (double) limits.get(), Series.of(families.retries(), "limited"));
    late.ifPresent(one -> sample(table, values, one));
    Readings readings = new Readings(table.build());
    for (int i = 0; i < values.size(); i++) {
      readings.measured(i, values.get(i));
    }
    return readings.sample();
  }

  private void sample(SeriesTable.Builder table, List<Double> values, Late late) {
    queueLength(table, values, options.format().queue() + "_late", late.box());
    Metric family = options.format().families().backfilled();
    result(table, values, family, "taken", late.box().taken());
    result(table, values, family, "refused", late.box().refused());
    result(table, values, family, "too_old", late.rows().tooOld());
    result(table, values, family, "clock", late.rows().clockOff());
    result(table, values, family, "overload", late.rows().overload());
    result(table, values, family, "full", late.box().full());
    result(table, values, family, "disk", late.box().unkept());
  }

  private static void queueLength(
      SeriesTable.Builder table, List<Double> values, String queue, Outbox of) {
    add(
        table,
        values,
        (double) of.waitingSamples(),
        Series.of(Metric.COLLECTOR_QUEUE_LENGTH, queue));
  }

  private static void result(
      SeriesTable.Builder table, List<Double> values, Metric family, String result, long count) {
    add(table, values, (double) count, Series.of(family, result));
  }

  private static void add(
      SeriesTable.Builder table, List<Double> values, double value, Series series) {
    table.add(Cadence.FAST, series);
    values.add(value);
  }

  /** What waits is sent by the next start. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
    try {
      if (thread.isAlive()) {
        thread.join(STOP);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    receiver.close();
    live.close();
    late.ifPresent(one -> one.box().close());
  }
}
