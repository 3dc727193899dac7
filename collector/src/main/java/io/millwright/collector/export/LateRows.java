package io.millwright.collector.export;

import io.millwright.collector.late.LateSink;
import io.millwright.collector.late.Ranges;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.Row;
import io.millwright.protocol.frames.SeriesSchema;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Late samples on their way to the receiver, one of a node for each interval of which none was
 * sent, with the time that the node's clock said.
 *
 * <p>That time is the sample's own, and the same whenever the sample comes again. Where the node's
 * clock is wrong by more than two seconds it would be a lie, and the sample is not sent.
 *
 * <p><i>Threading:</i> the chains on the thread {@code ingest}, {@link #sent} and {@link #next} on
 * that of the exporter. <i>Failure:</i> none; what is not handed over is counted.
 */
final class LateRows implements LateSink {
  private static final Duration MOST_AHEAD = Duration.ofSeconds(2);
  private static final int MOST_RANGES = 64;

  /** Values that wait in memory, eight bytes each. */
  private static final long MOST_WAITING = 1 << 20;

  private final long oldestMs;
  private final long intervalMs;
  private final Encoding encoding;
  private final Runnable wake;
  private final Clock clock;
  private final Map<String, Intervals> nodes = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<LateRow> queue = new ConcurrentLinkedQueue<>();
  private final AtomicLong waiting = new AtomicLong();
  private final LongAdder tooOld = new LongAdder();
  private final LongAdder clockOff = new LongAdder();
  private final LongAdder overload = new LongAdder();

  /** Those of which something of a node was sent or is under way; any thread. */
  private static final class Intervals {
    private final Ranges had = new Ranges(MOST_RANGES);

    synchronized boolean contains(long interval) {
      return had.contains(interval);
    }

    synchronized boolean add(long interval) {
      return had.add(interval);
    }
  }

  /**
   * @param oldest that is sent, against now
   * @param wake told that there is something
   */
  LateRows(Duration oldest, Duration interval, Encoding encoding, Runnable wake, Clock clock) {
    this.oldestMs = oldest.toMillis();
    this.intervalMs = interval.toMillis();
    this.encoding = encoding;
    this.wake = wake;
    this.clock = clock;
  }

  /** One that is to be sent. */
  record LateRow(String node, LateKeys keys, Row row, long wallMs) {}

  @Override
  public Chain begin(String node, SeriesSchema schema) {
    LateKeys keys = new LateKeys(schema, encoding);
    Intervals intervals = intervals(node);
    return (at, takenMs, aheadMs, row) -> {
      if (!intervals.contains(Math.floorDiv(takenMs, intervalMs))) {
        offer(new LateRow(node, keys, row, takenMs), intervals, aheadMs);
      }
    };
  }

  private Intervals intervals(String node) {
    return nodes.computeIfAbsent(node, first -> new Intervals());
  }

  /**
   * An interval that nothing of goes is open for the next sample of it.
   *
   * @param late whose row changes after the call
   */
  private void offer(LateRow late, Intervals intervals, long aheadMs) {
    Row row = late.row();
    long most = MOST_AHEAD.toMillis();
    long nowMs = clock.wall().toEpochMilli();
    if (Math.abs(aheadMs) > most || late.wallMs() > nowMs + most) {
      clockOff.add(present(row));
    } else if (late.wallMs() < nowMs - oldestMs) {
      tooOld.add(present(row));
    } else if (waiting.get() + row.size() > MOST_WAITING) {
      overload.add(present(row));
    } else if (intervals.add(Math.floorDiv(late.wallMs(), intervalMs))) {
      waiting.addAndGet(row.size());
      queue.add(new LateRow(late.node(), late.keys(), row.copy(), late.wallMs()));
      wake.run();
    }
  }

  private static int present(Row row) {
    int count = 0;
    for (int i = 0; i < row.size(); i++) {
      count += row.present(i) ? 1 : 0;
    }
    return count;
  }

  /** Something of this node and time was sent as it came. */
  void sent(String node, long wallMs) {
    intervals(node).add(Math.floorDiv(wallMs, intervalMs));
  }

  /** The next that is to be sent. */
  Optional<LateRow> next() {
    Optional<LateRow> next = Optional.ofNullable(queue.poll());
    next.ifPresent(late -> waiting.addAndGet(-late.row().size()));
    return next;
  }

  boolean empty() {
    return queue.isEmpty();
  }

  /** Samples of series that are older than what is sent. */
  long tooOld() {
    return tooOld.sum();
  }

  /** Samples of series whose node's clock is wrong. */
  long clockOff() {
    return clockOff.sum();
  }

  /** Samples of series that came faster than they could be written down. */
  long overload() {
    return overload.sum();
  }
}
