package io.millwright.agent.watch;

import io.millwright.agent.health.Event;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.vocabulary.Fault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the kernel log, from the line behind the last one that was taken in.
 *
 * <p><i>Lifecycle:</i> {@link #start}, {@link #stop} once. <i>Threading:</i> the thread {@code
 * kmsg} reads; the sampler's takes what it found. It waits for nobody, so that the kernel writes
 * nothing over that was not read: a flood is counted, not queued. <i>Failure:</i> a log that cannot
 * be read is one warning, is tried again, and keeps nothing else from working.
 */
final class KernelLog {
  private static final Logger LOG = LoggerFactory.getLogger(KernelLog.class);

  /** The kernel refuses to give a record to a shorter buffer than it has. */
  private static final int LONGEST_RECORD = 16 * 1024;

  private static final int DISTURBANCES = 3;
  private static final Duration AT_THE_END = Duration.ofMillis(100);
  private static final Duration BEFORE_THE_NEXT_TRY = Duration.ofSeconds(30);
  private static final Duration FULL = Duration.ofMillis(20);

  private final Path path;
  private final Clock clock;
  private final Thread thread;
  private final Backlog backlog = new Backlog();
  private final StringBuilder pending = new StringBuilder();
  private long taken;
  private volatile State state = new State.Unknown();
  private volatile boolean stopping;
  private volatile @Nullable FileChannel open;
  private String told = "";

  /** What a line of the log told of. */
  record Line(long sequence, Event event) {}

  /** Whether the log is read. */
  sealed interface State {
    record Unknown() implements State {}

    record Read() implements State {}

    record Unreadable(Fault fault) implements State {}
  }

  /**
   * @param cursor sequence number of the last line that counts already; -1 for none
   */
  KernelLog(Path path, long cursor, Clock clock) {
    this.path = path;
    this.taken = cursor;
    this.clock = clock;
    this.thread = Threads.platform("kmsg", this::run);
  }

  void start() {
    thread.start();
  }

  /** Does not wait: a read of the log ends with the file, or never. */
  void stop() {
    stopping = true;
    close(open);
    LockSupport.unpark(thread);
  }

  State state() {
    return state;
  }

  /** Takes what was found since, in the order of the log. */
  void drain(Consumer<Line> to) {
    backlog.drain(to);
  }

  private void run() {
    while (!stopping) {
      try (FileChannel log = FileChannel.open(path, StandardOpenOption.READ)) {
        open = log;
        pending.setLength(0);
        readable();
        follow(log);
      } catch (IOException e) {
        unreadable(e);
      } catch (RuntimeException | Error e) {
        LOG.error("the kernel log is not read path={}", path, e);
        state = new State.Unreadable(Fault.OTHER);
      }
      pause(BEFORE_THE_NEXT_TRY);
    }
  }

  private void readable() {
    state = new State.Read();
    if (!told.isEmpty()) {
      told = "";
      LOG.info("the kernel log is read again path={}", path);
    }
  }

  private void unreadable(IOException e) {
    if (stopping) {
      return;
    }
    boolean there = Files.exists(path);
    state = new State.Unreadable(there ? Fault.PERMISSION : Fault.NOT_FOUND);
    String why = e.getClass().getSimpleName();
    if (!why.equals(told)) {
      told = why;
      LOG.warn(
          "the kernel log cannot be read, and its events do not count: {} ({}); {}",
          path,
          why,
          there
              ? "give the agent CAP_SYSLOG, or set health.kernel_log to nothing"
              : "set health.kernel_log to where it is, or to nothing");
    }
  }

  /**
   * A read that fails once has met records that were written over, and goes on behind them; one
   * that fails again and again is the log's end.
   */
  private void follow(FileChannel log) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(LONGEST_RECORD);
    int disturbances = 0;
    while (!stopping) {
      buffer.clear();
      int length;
      try {
        length = log.read(buffer);
        disturbances = 0;
      } catch (IOException e) {
        disturbances++;
        if (disturbances >= DISTURBANCES || stopping) {
          throw e;
        }
        continue;
      }
      if (length > 0) {
        take(StandardCharsets.UTF_8.decode(buffer.flip()));
      } else if (!restarted(log)) {
        pause(AT_THE_END);
      }
    }
  }

  /** A file that became shorter was begun anew. */
  private boolean restarted(FileChannel log) throws IOException {
    if (!Files.isRegularFile(path) || log.position() <= log.size()) {
      return false;
    }
    log.position(0);
    pending.setLength(0);
    return true;
  }

  private void take(CharSequence text) {
    for (int i = 0; i < text.length(); i++) {
      char next = text.charAt(i);
      if (next == '\n') {
        line(pending.toString());
        pending.setLength(0);
      } else if (pending.length() < LONGEST_RECORD) {
        pending.append(next);
      }
    }
  }

  private void line(String line) {
    Optional<KernelLine> record = KernelLine.of(line);
    if (record.isEmpty() || record.get().sequence() <= taken) {
      return;
    }
    KernelLine known = record.get();
    if (known.isOfTheKernel()) {
      KernelWords.events(known.text(), wallMs(known.micros()))
          .forEach(event -> put(new Line(known.sequence(), event)));
    }
    taken = known.sequence();
  }

  /**
   * The kernel stamps its lines by the clock that {@link Clock#nanos} is on Linux, CLOCK_MONOTONIC;
   * a stamp that cannot be of this boot is taken for now.
   */
  private long wallMs(long micros) {
    long now = clock.wall().toEpochMilli();
    long ageMs = (clock.nanos() / 1000 - micros) / 1000;
    return ageMs < 0 ? now : now - ageMs;
  }

  private void put(Line line) {
    while (!stopping && !backlog.offer(line)) {
      clock.parkUntil(clock.nanos() + FULL.toNanos());
    }
  }

  private void pause(Duration longest) {
    long until = clock.nanos() + longest.toNanos();
    while (!stopping && clock.nanos() - until < 0) {
      clock.parkUntil(until);
    }
  }

  private static void close(@Nullable FileChannel channel) {
    if (channel == null) {
      return;
    }
    try {
      channel.close();
    } catch (IOException e) {
      LOG.debug("closing the kernel log failed", e);
    }
  }
}
