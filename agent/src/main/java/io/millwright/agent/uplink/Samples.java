package io.millwright.agent.uplink;

import io.millwright.agent.spool.Spool;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.Moment;
import io.millwright.protocol.frames.Row;
import io.millwright.protocol.frames.SeriesSchema;
import io.millwright.protocol.frames.SnapshotLayout;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stream of samples of this start of the agent, whether a collector is there or not: the last
 * row, and the ring of those before. On the thread {@code uplink}.
 */
final class Samples {
  private static final Logger LOG = LoggerFactory.getLogger(Samples.class);

  private final long incarnation;
  private final Clock clock;
  private final Ring ring;
  private final Optional<Spool> spool;
  private final Backfill backfill;
  private @Nullable Latest latest;
  private long leftOut;
  private final Map<Spool.Failure, Long> failures = new EnumMap<>(Spool.Failure.class);
  private final AtomicLong unanswered = new AtomicLong();

  /** The newest sample; the row is written over by the next one of the same layout. */
  record Latest(SnapshotLayout layout, long sequence, Moment taken, Row row) {
    SeriesSchema schema() {
      return layout.schema();
    }
  }

  /**
   * @param spool takes what the ring can hold no longer; without one that is lost
   */
  Samples(long incarnation, Optional<Spool> spool, Clock clock) {
    this.incarnation = incarnation;
    this.spool = spool;
    this.clock = clock;
    this.ring =
        new Ring(
            incarnation,
            sample -> spool.ifPresent(kept -> kept.keep(sample)),
            () -> spool.isPresent() && spool.get().writable());
    this.backfill = new Backfill(ring, spool);
  }

  long incarnation() {
    return incarnation;
  }

  Ring ring() {
    return ring;
  }

  Backfill backfill() {
    return backfill;
  }

  /**
   * Tells the metrics how much waits here, once a tick.
   *
   * @param reports of jobs that wait too
   */
  void told(int reports) {
    spool.ifPresent(kept ->
        kept.holding(
            new Spool.Held(
                ring.waiting(),
                ring.waitingBytes(),
                ring.oldestMillis(),
                reports,
                leftOut,
                unanswered.get(),
                failures)));
  }

  /** The newest did not go live. */
  void leftOut() {
    leftOut++;
  }

  /** A session could not be had, or broke. */
  void failed(Spool.Failure why) {
    failures.merge(why, 1L, Long::sum);
  }

  /** A session ended because the collector answered nothing. */
  void unanswered() {
    unanswered.incrementAndGet();
  }

  /** How many did, since the start of the agent; from any thread. */
  long unansweredSessions() {
    return unanswered.get();
  }

  @Nullable Latest latest() {
    return latest;
  }

  void add(NodeSnapshot snapshot) {
    Latest before = latest;
    SnapshotLayout layout =
        before != null && before.layout().fits(snapshot) ? before.layout() : laidOut(snapshot);
    Row row =
        before != null && before.layout() == layout
            ? before.row()
            : new Row(layout.schema().size());
    layout.fill(snapshot, row);
    long sequence = before == null ? 1 : before.sequence() + 1;
    Moment taken = taken(snapshot);
    latest = new Latest(layout, sequence, taken, row);
    ring.add(layout.schema(), sequence, taken, row);
  }

  private static SnapshotLayout laidOut(NodeSnapshot snapshot) {
    SnapshotLayout layout = SnapshotLayout.of(snapshot);
    if (layout.leftOut() > 0) {
      LOG.error("more series than a session carries left_out={}", layout.leftOut());
    }
    return layout;
  }

  /** The wall clock at the tick: now, less what has passed since. */
  private Moment taken(NodeSnapshot snapshot) {
    long passedMillis = (clock.nanos() - snapshot.takenAtNanos()) / 1_000_000;
    return new Moment(clock.wall().toEpochMilli() - passedMillis, snapshot.takenAtNanos());
  }
}
