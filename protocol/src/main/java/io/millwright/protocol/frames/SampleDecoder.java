package io.millwright.protocol.frames;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The collector's half of a chain of samples: after each {@link SampleResult.Complete} its row is
 * bit by bit what the encoder was given.
 *
 * <p><i>Lifecycle:</i> one for each schema, and one more for a backfill beside the live chain. A
 * DELTA whose chain it does not follow gives {@link SampleResult.NeedsKey}; the next KEY heals
 * that. <i>Threading:</i> one owner thread. <i>Failure:</i> {@link MalformedFrame}, never an
 * exception. After anything but {@code Complete} the row may be half of a sample: do not show it.
 */
public final class SampleDecoder {
  private final SeriesSchema schema;
  private final RowDecoder rows;
  private Position at = Position.NONE;
  private Moment taken = new Moment(0, 0);
  private boolean following;
  private boolean keyed;
  private int nextBlock;

  public SampleDecoder(SeriesSchema schema) {
    this.schema = schema;
    this.rows = new RowDecoder(schema.scales());
  }

  public SeriesSchema schema() {
    return schema;
  }

  /** The values of the last sample; changed by the next. */
  public Row row() {
    return rows.row();
  }

  /** Position of the last sample. */
  public Position at() {
    return at;
  }

  /** When the agent took it, by the agent's clocks. */
  public Moment taken() {
    return taken;
  }

  /**
   * The last sample as the KEY from which another decoder of this schema goes on; empty where no
   * chain is followed, and of a schema of several blocks.
   */
  public Optional<Frame.Key> key() {
    if (!following || schema.blocks() > 1) {
      return Optional.empty();
    }
    Payload values = Payload.copyOf(new RowEncoder(schema.scales()).all(row()));
    return Optional.of(new Frame.Key(true, at, 0, taken, schema.hash(), values));
  }

  public SampleResult apply(Frame.Key key) {
    if (!key.schema().equals(schema.hash())) {
      return lost("its schema is %s, not %s".formatted(key.schema(), schema.hash()));
    }
    if (key.block() == 0) {
      begin(key.at(), key.taken(), true);
    } else if (!key.at().equals(at) || !follows(at.sequence(), key.block(), true)) {
      return lost("block %d of sample %d".formatted(key.block(), key.at().sequence()));
    }
    return read(key.block(), FrameType.KEY, key.values());
  }

  public SampleResult apply(Frame.Delta delta) {
    long base = delta.sequence() - delta.step();
    if (delta.block() == 0 && follows(base, 0, keyed)) {
      begin(
          new Position(at.incarnation(), delta.sequence()),
          new Moment(
              taken.wallMillis() + delta.wallStepMillis(),
              taken.monotonicNanos() + delta.monotonicStepNanos()),
          false);
    } else if (delta.block() == 0 || !follows(delta.sequence(), delta.block(), false)) {
      return lost(
          "block %d of sample %d builds on %d".formatted(delta.block(), delta.sequence(), base));
    }
    return read(delta.block(), FrameType.DELTA, delta.changes());
  }

  private boolean follows(long sequence, int block, boolean asKey) {
    return following && nextBlock == block && keyed == asKey && at.sequence() == sequence;
  }

  private void begin(Position position, Moment moment, boolean asKey) {
    at = position;
    taken = moment;
    keyed = asKey;
    nextBlock = 0;
    following = true;
  }

  private SampleResult lost(String what) {
    boolean followed = following;
    following = false;
    return new SampleResult.NeedsKey(
        what + (followed ? "; the last sample is " + at.sequence() : "; no chain is followed"));
  }

  private SampleResult read(int block, FrameType type, Payload values) {
    try {
      WireInput in = new WireInput(ByteBuffer.wrap(values.shared()));
      int start = schema.blockStart(block);
      int end = schema.blockEnd(block);
      if (type == FrameType.KEY) {
        rows.all(start, end, in);
      } else {
        rows.changes(start, end, in);
      }
    } catch (IllegalArgumentException e) {
      following = false;
      return new MalformedFrame(type + ": " + e.getMessage());
    }
    nextBlock = (block + 1) % schema.blocks();
    return nextBlock == 0 ? new SampleResult.Complete() : new SampleResult.Partial();
  }
}
