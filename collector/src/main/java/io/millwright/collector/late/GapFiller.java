package io.millwright.collector.late;

import io.millwright.collector.hot.HotFleet;
import io.millwright.collector.hot.HotLayout;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.Row;
import io.millwright.protocol.frames.SeriesSchema;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Fills the gaps that outages have left in the last ten minutes with the hot set of late samples.
 *
 * <p>Where a sample stands in time is what the node's clock said then, less what that clock is
 * ahead now; one from the future is of now.
 *
 * <p><i>Threading:</i> {@link #begin} and its chains on the thread {@code ingest}, {@link #fill} on
 * the thread {@code control}, the single writer; {@link #sample} from any. <i>Failure:</i> none;
 * what is not taken is counted with its reason.
 */
public final class GapFiller implements LateSink {
  private static final long LONGEST_MS = Duration.ofMinutes(10).toMillis();
  private static final long NANOS_PER_MILLI = 1_000_000;

  /** Rows of a node's hot set, of a kilobyte or less. */
  private static final int MOST_WAITING = 8192;

  /** Of all rows that wait, as one node may have a thousand devices. */
  private static final long MOST_VALUES = 1 << 20;

  /** So few that the writer's turn stays short. */
  private static final int MOST_A_TURN = 1024;

  private final HotFleet hot;
  private final Clock clock;
  private final ConcurrentLinkedQueue<Waiting> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicLong values = new AtomicLong();
  private final LongAdder taken = new LongAdder();
  private final LongAdder tooOld = new LongAdder();
  private final LongAdder noRoom = new LongAdder();
  private final LongAdder overload = new LongAdder();
  private final LongAdder unknown = new LongAdder();
  private int due;

  private record Waiting(String node, HotLayout layout, Row row, long wallMs) {}

  public GapFiller(HotFleet hot, Clock clock) {
    this.hot = hot;
    this.clock = clock;
  }

  @Override
  public Chain begin(String node, SeriesSchema schema) {
    HotLayout layout = HotLayout.of(schema);
    return (at, takenMs, aheadMs, row) -> {
      if (!layout.empty()) {
        offer(node, layout, takenMs - aheadMs, row);
      }
    };
  }

  private void offer(String node, HotLayout layout, long wallMs, Row row) {
    if (wallMs < clock.wall().toEpochMilli() - LONGEST_MS) {
      tooOld.increment();
      return;
    }
    if (waiting.get() >= MOST_WAITING || values.get() + layout.values() > MOST_VALUES) {
      overload.increment();
      return;
    }
    waiting.incrementAndGet();
    values.addAndGet(layout.values());
    queue.add(new Waiting(node, layout, layout.hotOf(row), wallMs));
  }

  /**
   * Takes in what waited at the end of the last call: by now the live sample that came before it
   * was taken in, and so its node is known.
   */
  public void fill() {
    long nowMs = clock.wall().toEpochMilli();
    long nowNanos = clock.nanos();
    for (int i = 0; i < due; i++) {
      Waiting next = queue.poll();
      if (next != null) {
        waiting.decrementAndGet();
        values.addAndGet(-next.layout().values());
        filled(next, nowMs, nowNanos).increment();
      }
    }
    due = Math.min(waiting.get(), MOST_A_TURN);
  }

  /** Where it counts. */
  private LongAdder filled(Waiting late, long nowMs, long nowNanos) {
    long wallMs = Math.min(late.wallMs(), nowMs);
    if (nowMs - wallMs > LONGEST_MS) {
      return tooOld;
    }
    long atNanos = nowNanos - (nowMs - wallMs) * NANOS_PER_MILLI;
    return switch (hot.fill(late.node(), late.layout(), late.row(), atNanos, wallMs)) {
      case TAKEN -> taken;
      case NO_ROOM -> noRoom;
      case UNKNOWN -> unknown;
    };
  }

  /** What was filled and what was not. */
  public Sample sample() {
    SeriesTable.Builder table = SeriesTable.builder();
    List<Double> values = new ArrayList<>();
    add(table, values, "taken", taken);
    add(table, values, "too_old", tooOld);
    add(table, values, "no_room", noRoom);
    add(table, values, "overload", overload);
    add(table, values, "unknown", unknown);
    Readings readings = new Readings(table.build());
    for (int i = 0; i < values.size(); i++) {
      readings.measured(i, values.get(i));
    }
    return readings.sample();
  }

  private static void add(
      SeriesTable.Builder table, List<Double> values, String result, LongAdder count) {
    table.add(Cadence.FAST, Series.of(Metric.COLLECTOR_HISTORY_BACKFILLED_SAMPLES_TOTAL, result));
    values.add((double) count.sum());
  }
}
