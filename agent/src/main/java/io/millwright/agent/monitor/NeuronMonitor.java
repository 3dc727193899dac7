package io.millwright.agent.monitor;

import io.millwright.agent.lane.Probe;
import io.millwright.agent.lane.RoundResult;
import io.millwright.agent.lane.Tick;
import io.millwright.drivers.neuron.monitor.CoreUse;
import io.millwright.drivers.neuron.monitor.MonitorReadings;
import io.millwright.drivers.neuron.monitor.MonitorRecord;
import io.millwright.drivers.neuron.monitor.ReadResult;
import io.millwright.drivers.neuron.monitor.RecordReader;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Periods;
import io.millwright.protocol.vocabulary.Sample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The probe {@code neuron-monitor}: a child process whose records become readings. It is begun
 * again when it ends, when it is silent for twelve periods, and when it prints what is no record,
 * after a pause of a second that doubles to five minutes; a good minute makes it a second again.
 *
 * <p><i>Lifecycle:</i> {@link #start}, then {@link #stop} once. <i>Threading:</i> the thread {@code
 * neuron-monitor} owns the child, its stream and the readings; what others see is immutable.
 * <i>Failure:</i> a line that is no record, or is longer than 4 MiB, is dropped and is a failed
 * round; so is a child that ends or cannot be begun. The log hears of trouble when it changes.
 */
public final class NeuronMonitor implements Probe {
  private static final Logger LOG = LoggerFactory.getLogger(NeuronMonitor.class);
  private static final String NAME = "neuron-monitor";
  private static final int LONGEST_LINE = 4 << 20;
  private static final long LONGEST_SKIP = 64 << 20;
  private static final int MOST_BAD_LINES = 16;
  private static final int SILENT_PERIODS = 12;
  private static final Duration LEAST_PERIOD = Duration.ofSeconds(1);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);
  private static final Duration GOOD = Duration.ofMinutes(1);

  private final Path program;
  private final Clock clock;
  private final Duration period;
  private final Duration longestAge;
  private final RecordReader reader = new RecordReader();
  private final MonitorReadings readings;
  private final Thread thread;
  private volatile boolean stopping;
  private volatile @Nullable Heard heard;
  private volatile RoundResult last = new RoundResult.Rested();
  private volatile long waitingNanos;
  private long rounds;
  private long dropped;
  private String told = "";
  private Map<String, String> toldOfGroups = Map.of();

  /**
   * The last record.
   *
   * @param atNanos monotonic time at which it was heard
   */
  private record Heard(MonitorRecord record, Sample sample, long atNanos) {}

  /**
   * @param program its absolute path
   * @param node value of the label {@code node}
   * @param periods the medium one, in whole seconds, is that of the records
   * @param most the last tier that is shown
   */
  public NeuronMonitor(Path program, String node, Periods periods, Metric.Tier most, Clock clock) {
    this.program = program;
    this.clock = clock;
    boolean often = periods.medium().compareTo(LEAST_PERIOD) < 0;
    Cadence cadence = often ? Cadence.SLOW : Cadence.MEDIUM;
    this.period =
        often ? LEAST_PERIOD : Duration.ofSeconds(periods.medium().plusMillis(999).toSeconds());
    this.longestAge = Duration.ofNanos(periods.longestAgeNanos(cadence));
    this.readings = new MonitorReadings(node, most, cadence);
    this.thread = Threads.platform(NAME, this::run);
  }

  public void start() {
    waitingNanos = clock.nanos();
    thread.start();
  }

  /** The child is ended; nothing new is begun. */
  public void stop() {
    stopping = true;
    LockSupport.unpark(thread);
  }

  /** Waits for the end of thread and child; whether it came. */
  public boolean ended(Duration longest) throws InterruptedException {
    return !thread.isAlive() || thread.join(longest);
  }

  /** What the last record says of the machine; empty before the first one. It does not grow old. */
  public Optional<MonitorRecord.Instance> instance() {
    return Optional.ofNullable(heard).map(now -> now.record().instance());
  }

  /** What the last record says of the devices; empty before the first one. */
  public Optional<MonitorRecord.Hardware> hardware() {
    return Optional.ofNullable(heard).map(now -> now.record().hardware());
  }

  /** The cores of the last record; none when that is too old to be shown. */
  public List<CoreUse> cores() {
    return young().map(now -> now.record().cores()).orElse(List.of());
  }

  /** The last record, unless it is too old to be shown. */
  private Optional<Heard> young() {
    return Optional.ofNullable(heard)
        .filter(now -> clock.nanos() - now.atNanos() <= longestAge.toNanos());
  }

  @Override
  public String name() {
    return NAME;
  }

  /** The child has its own beat: there is nothing to ask. */
  @Override
  public boolean request(Tick tick) {
    tick.finished();
    return true;
  }

  /** A child that is silent fails by time-out, once, under the number that its round will have. */
  @Override
  public RoundResult last() {
    RoundResult result = last;
    boolean silent = clock.nanos() - waitingNanos > longestAge.toNanos();
    return silent && !(result instanceof RoundResult.Failed)
        ? new RoundResult.Failed(result.round() + 1, Duration.ZERO, Fault.TIMEOUT)
        : result;
  }

  /** None when the last record is too old: what the driver says stands for it on the page then. */
  @Override
  public List<Sample> samples(Tick tick) {
    return young().map(now -> List.of(now.sample())).orElse(List.of());
  }

  private void run() {
    Duration pause = FIRST_PAUSE;
    while (!stopping) {
      long began = clock.nanos();
      try {
        oneChild();
      } catch (RuntimeException | Error e) {
        LOG.error("neuron-monitor is not read", e);
        failed(Fault.OTHER);
      }
      boolean good = waitingNanos - began > GOOD.toNanos(); // heard a minute after its start
      pause = good ? FIRST_PAUSE : pause;
      park(clock.nanos() + pause.toNanos());
      Duration twice = pause.multipliedBy(2);
      pause = twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
    }
  }

  private void park(long untilNanos) {
    while (!stopping && clock.nanos() - untilNanos < 0) {
      clock.parkUntil(untilNanos);
    }
  }

  private void oneChild() {
    Child child;
    try {
      child =
          Child.start(program, period, period.multipliedBy(SILENT_PERIODS), () -> stopping, clock);
    } catch (IOException e) {
      failed(refusal());
      tell(whyNot(e));
      return;
    }
    String why = "it has ended";
    try (child) {
      listen(child);
    } catch (IOException e) {
      why = e.getMessage() == null ? "its pipe is broken" : e.getMessage();
    }
    if (!stopping) {
      failed(Fault.OTHER);
      tell("%s; it said: %s".formatted(why, child.said()));
    }
  }

  private void listen(Child child) throws IOException {
    Line line = new Line(child, LONGEST_LINE, LONGEST_SKIP);
    int bad = 0;
    while (line.begin()) {
      long began = clock.nanos();
      Optional<String> trouble = oneLine(line, child.pid());
      line.finish();
      if (trouble.isEmpty()) {
        bad = 0;
        rounds++;
        last = new RoundResult.Succeeded(rounds, Duration.ofNanos(clock.nanos() - began));
        waitingNanos = clock.nanos();
      } else if (!stopping) {
        bad++;
        dropped++;
        failed(Fault.PARSE);
        tell("a line is dropped, " + trouble.get());
      }
      if (bad == MOST_BAD_LINES) {
        throw new IOException("%d lines together are no records".formatted(bad));
      }
    }
  }

  /** What is wrong with it, if anything is. */
  private Optional<String> oneLine(Line line, long pid) throws IOException {
    ReadResult result;
    try {
      result = reader.read(line);
    } catch (Line.TooLong e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
    return switch (result) {
      case ReadResult.Read(MonitorRecord record) -> {
        long now = clock.nanos();
        heard = new Heard(record, readings.take(record, now), now);
        told(record, pid);
        yield Optional.empty();
      }
      case ReadResult.Malformed(String why) -> Optional.of(why);
    };
  }

  /** A record is read; of its troubles what has changed of each group. */
  private void told(MonitorRecord record, long pid) {
    if (!told.isEmpty() || rounds == 0) {
      told = "";
      LOG.info("neuron-monitor is read pid={} period={} dropped={}", pid, period, dropped);
    }
    Map<String, String> now = new TreeMap<>();
    for (MonitorRecord.Trouble trouble : record.troubles()) {
      now.merge(trouble.group(), trouble.error(), (one, other) -> one + "; " + other);
    }
    now.forEach((group, error) -> {
      if (!error.equals(toldOfGroups.get(group))) {
        LOG.warn("neuron-monitor: it reports group={} error={}", group, error);
      }
    });
    toldOfGroups = now;
  }

  private void failed(Fault fault) {
    rounds++;
    last = new RoundResult.Failed(rounds, Duration.ZERO, fault);
  }

  private Fault refusal() {
    if (!Files.exists(program)) {
      return Fault.NOT_FOUND;
    }
    return Files.isExecutable(program) ? Fault.OTHER : Fault.PERMISSION;
  }

  private String whyNot(IOException e) {
    return switch (refusal()) {
      case NOT_FOUND ->
          program + " is not there; install the Neuron tools, or empty neuron.monitor";
      case PERMISSION -> program + " may not be run by this user; allow it with chmod";
      default -> program + " cannot be begun: " + e.getMessage();
    };
  }

  /** Says what has changed, once. */
  private void tell(String trouble) {
    if (!trouble.equals(told)) {
      told = trouble;
      LOG.warn("neuron-monitor: {}", trouble);
    }
  }
}
