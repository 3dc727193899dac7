package io.millwright.agent.uplink;

import io.millwright.protocol.frames.FrameWriter;
import io.millwright.protocol.frames.Moment;
import io.millwright.protocol.frames.Position;
import io.millwright.protocol.frames.Row;
import io.millwright.protocol.frames.SampleEncoder;
import io.millwright.protocol.frames.SeriesSchema;
import io.millwright.protocol.frames.SpoolRange;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * The last samples, each a KEY of its own marked as of the spool, so that any of them can be sent
 * again or dropped without breaking a chain. What the collector has acknowledged is let go of; what
 * is beyond the bound is lost, the oldest first.
 *
 * <p><i>Threading:</i> the thread {@code uplink}.
 */
final class Ring {
  static final int MOST = 120;
  private static final long MOST_BYTES = 2 << 20;

  private final long incarnation;
  private final FrameWriter writer = new FrameWriter(4096);
  private final Deque<Kept> samples = new ArrayDeque<>();
  private Optional<SampleEncoder> encoder = Optional.empty();
  private Optional<SeriesSchema> schema = Optional.empty();
  private long bytes;
  private long dropped;

  /** How a sample was sent in the session that is open. */
  private enum Sent {
    NOT,
    LIVE,
    AS_BACKFILL
  }

  /** One sample, its frames behind each other. */
  static final class Kept {
    private final Position at;
    private final SeriesSchema schema;
    private final byte[] frames;
    private Sent sent = Sent.NOT;

    private Kept(Position at, SeriesSchema schema, byte[] frames) {
      this.at = at;
      this.schema = schema;
      this.frames = frames;
    }

    SeriesSchema schema() {
      return schema;
    }

    byte[] frames() {
      return frames;
    }
  }

  Ring(long incarnation) {
    this.incarnation = incarnation;
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
    Kept kept = new Kept(new Position(incarnation, sequence), of, marked());
    samples.addLast(kept);
    bytes += kept.frames.length;
    while (samples.size() > MOST || bytes > MOST_BYTES) {
      bytes -= samples.removeFirst().frames.length;
      dropped++;
    }
  }

  /** Each of the frames just written, marked. */
  private byte[] marked() {
    byte[] frames = new byte[writer.length()];
    writer.written().get(frames);
    ByteBuffer buffer = ByteBuffer.wrap(frames);
    while (buffer.hasRemaining()) {
      FrameWriter.markBackfill(buffer);
      buffer.position(buffer.position() + Integer.BYTES + buffer.getInt(buffer.position()));
    }
    return frames;
  }

  /** The oldest that was not sent in this session. */
  Optional<Kept> next() {
    return samples.stream().filter(kept -> kept.sent == Sent.NOT).findFirst();
  }

  /** This one travels as a live sample; one that was let go of already needs no mark. */
  void sentLive(long sequence) {
    for (Kept kept : samples) {
      if (kept.at.sequence() == sequence) {
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
    acknowledged(live, Position.NONE);
    samples.forEach(kept -> kept.sent = Sent.NOT);
  }

  /** The collector has what was sent live, and what was sent as backfill, up to these. */
  void acknowledged(Position live, Position backfill) {
    samples.removeIf(kept ->
        switch (kept.sent) {
          case NOT -> false;
          case LIVE -> covers(live, kept);
          case AS_BACKFILL -> covers(backfill, kept);
        });
    bytes = samples.stream().mapToLong(kept -> kept.frames.length).sum();
  }

  private static boolean covers(Position acknowledged, Kept kept) {
    return acknowledged.incarnation() == kept.at.incarnation()
        && kept.at.sequence() <= acknowledged.sequence();
  }

  /** Frames that were sent in this session and are not acknowledged. */
  int underWay() {
    return samples.stream()
        .filter(kept -> kept.sent != Sent.NOT)
        .mapToInt(kept -> kept.schema.blocks())
        .sum();
  }

  SpoolRange range() {
    return samples.isEmpty()
        ? SpoolRange.EMPTY
        : new SpoolRange(samples.getFirst().at, samples.getLast().at);
  }

  /** Samples that were lost because no collector took them. */
  long dropped() {
    return dropped;
  }

  int size() {
    return samples.size();
  }
}
