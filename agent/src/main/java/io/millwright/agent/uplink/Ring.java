package io.millwright.agent.uplink;

import io.millwright.agent.spool.KeptSample;
import io.millwright.protocol.frames.FrameWriter;
import io.millwright.protocol.frames.Moment;
import io.millwright.protocol.frames.Payload;
import io.millwright.protocol.frames.Position;
import io.millwright.protocol.frames.Row;
import io.millwright.protocol.frames.SampleEncoder;
import io.millwright.protocol.frames.SeriesSchema;
import io.millwright.protocol.frames.SpoolRange;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The last samples, each a KEY of its own marked as of the spool, so that any of them can be sent
 * again or kept elsewhere without breaking a chain. What the collector has acknowledged is let go
 * of; what is beyond the bound goes to the spool, the oldest first. While no session is open and
 * the spool is writable few are held, so that a kill of the agent costs few.
 *
 * <p><i>Threading:</i> the thread {@code uplink}.
 */
final class Ring {
  static final int MOST = 120;

  /**
   * So many that were not sent stay in memory while no session is open, and the disk has the rest.
   */
  static final int MOST_AWAY = 10;

  private static final long MOST_BYTES = 2 << 20;

  private final long incarnation;
  private final Consumer<KeptSample> beyond;
  private final BooleanSupplier writable;
  private final FrameWriter writer = new FrameWriter(4096);
  private final Deque<Kept> samples = new ArrayDeque<>();
  private Optional<SampleEncoder> encoder = Optional.empty();
  private Optional<SeriesSchema> schema = Optional.empty();
  private long bytes;
  private boolean away = true;

  /** How a sample was sent in the session that is open. */
  private enum Sent {
    NOT,
    LIVE,
    AS_BACKFILL
  }

  /** One sample, its frames behind each other. */
  static final class Kept {
    private final KeptSample sample;
    private Sent sent = Sent.NOT;

    private Kept(KeptSample sample) {
      this.sample = sample;
    }

    KeptSample sample() {
      return sample;
    }

    private long sequence() {
      return sample.at().sequence();
    }
  }

  /**
   * @param beyond takes what the ring can hold no longer
   * @param writable whether what it takes comes to the disk now
   */
  Ring(long incarnation, Consumer<KeptSample> beyond, BooleanSupplier writable) {
    this.incarnation = incarnation;
    this.beyond = beyond;
    this.writable = writable;
  }

  void add(SeriesSchema of, long sequence, Moment taken, Row row) {
    if (schema.filter(known -> known.equals(of)).isEmpty()) {
      schema = Optional.of(of);
      encoder = Optional.of(new SampleEncoder(of, incarnation));
    }
    writer.clear();
    encoder.ifPresent(keys -> {
      keys.restart();
      keys.encode(sequence, taken, row, writer);
    });
    Kept kept =
        new Kept(
            new KeptSample(
                new Position(incarnation, sequence),
                taken.wallMillis(),
                of,
                Payload.of(writer.backfill())));
    samples.addLast(kept);
    bytes += kept.sample.frames().length();
    boolean few = away && writable.getAsBoolean();
    while (samples.size() > MOST || bytes > MOST_BYTES || (few && waiting() > MOST_AWAY)) {
      beyond.accept(oldest().sample);
    }
  }

  /** Takes out the oldest that is not under way, for it is known not to have come. */
  private Kept oldest() {
    Iterator<Kept> all = samples.iterator();
    Kept first = samples.getFirst();
    while (all.hasNext()) {
      Kept kept = all.next();
      if (kept.sent == Sent.NOT) {
        first = kept;
        break;
      }
    }
    samples.remove(first);
    bytes -= first.sample.frames().length();
    return first;
  }

  /** The oldest that was not sent in this session. */
  Optional<Kept> next() {
    return samples.stream().filter(kept -> kept.sent == Sent.NOT).findFirst();
  }

  /** This one travels as a live sample; one that was let go of already needs no mark. */
  void sentLive(long sequence) {
    for (Kept kept : samples) {
      if (kept.sequence() == sequence) {
        kept.sent = Sent.LIVE;
      }
    }
  }

  void sentAsBackfill(Kept kept) {
    kept.sent = Sent.AS_BACKFILL;
  }

  /**
   * A new session is open: what the one before sent live and the collector has is let go of, the
   * rest is to be sent again.
   */
  void resumed(Position live) {
    away = false;
    acknowledged(live);
    samples.forEach(kept -> kept.sent = Sent.NOT);
  }

  /** The session has ended; what was under way live may have come, which the next one tells. */
  void left() {
    away = true;
    for (Kept kept : samples) {
      kept.sent = kept.sent == Sent.AS_BACKFILL ? Sent.NOT : kept.sent;
    }
  }

  /** The agent ends: all that is here goes to the spool. */
  void flush() {
    samples.forEach(kept -> beyond.accept(kept.sample));
    samples.clear();
    bytes = 0;
  }

  /** The collector has what was sent live up to this one. */
  void acknowledged(Position live) {
    letGo(kept ->
        kept.sent == Sent.LIVE
            && live.incarnation() == kept.sample.at().incarnation()
            && kept.sequence() <= live.sequence());
  }

  /** The collector has this one. */
  void letGo(Kept acknowledged) {
    letGo(kept -> kept == acknowledged);
  }

  private void letGo(Predicate<Kept> which) {
    samples.removeIf(which);
    bytes = samples.stream().mapToLong(kept -> kept.sample.frames().length()).sum();
  }

  /** Frames that were sent in this session and are not acknowledged. */
  int underWay() {
    return samples.stream()
        .filter(kept -> kept.sent != Sent.NOT)
        .mapToInt(kept -> kept.sample.schema().blocks())
        .sum();
  }

  SpoolRange range() {
    return samples.isEmpty()
        ? SpoolRange.EMPTY
        : new SpoolRange(samples.getFirst().sample.at(), samples.getLast().sample.at());
  }

  /** Samples that were not sent. */
  int waiting() {
    int waiting = 0;
    for (Kept kept : samples) {
      waiting += kept.sent == Sent.NOT ? 1 : 0;
    }
    return waiting;
  }

  /** Bytes of those. */
  long waitingBytes() {
    long sum = 0;
    for (Kept kept : samples) {
      sum += kept.sent == Sent.NOT ? kept.sample.frames().length() : 0;
    }
    return sum;
  }

  /** When the oldest was taken that was not sent, ms since 1970; the largest number without one. */
  long oldestMillis() {
    return next().map(kept -> kept.sample.wallMillis()).orElse(Long.MAX_VALUE);
  }

  int size() {
    return samples.size();
  }
}
