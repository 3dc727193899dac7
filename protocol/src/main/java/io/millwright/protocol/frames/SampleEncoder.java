package io.millwright.protocol.frames;

/**
 * The agent's half of a chain of samples: remembers what was sent last and writes what changed.
 *
 * <p><i>Lifecycle:</i> one for each schema and incarnation; it begins with a KEY and sends another
 * after each {@link #KEY_EVERY} samples, and after {@link #restart()}. All that it wrote must be
 * sent, or {@code restart()} be called: after a resume, after a SCHEMA, after dropping a frame.
 * <i>Threading:</i> one owner thread. <i>Failure:</i> none; it allocates nothing once the writer
 * has grown.
 */
public final class SampleEncoder {
  /** Samples from one KEY to the next. */
  public static final int KEY_EVERY = 60;

  private final SeriesSchema schema;
  private final long incarnation;
  private final RowEncoder rows;
  private int untilKey;
  private long lastSequence;
  private long lastWallMillis;
  private long lastMonotonicNanos;

  /**
   * @param incarnation of this start of the agent, as in HELLO
   */
  public SampleEncoder(SeriesSchema schema, long incarnation) {
    this.schema = schema;
    this.incarnation = incarnation;
    this.rows = new RowEncoder(schema.scales());
  }

  /** The next sample travels as KEY. */
  public void restart() {
    untilKey = 0;
  }

  /**
   * Appends one sample: a frame for each of the schema's blocks.
   *
   * @param sequence higher than the one before
   * @param row of the schema's size
   */
  public void encode(long sequence, Moment taken, Row row, FrameWriter target) {
    if (row.size() != schema.size()) {
      throw new IllegalArgumentException(
          "the row has %d values, the schema %d series".formatted(row.size(), schema.size()));
    }
    boolean key = untilKey == 0 || sequence <= lastSequence;
    untilKey = (key ? KEY_EVERY : untilKey) - 1;
    for (int block = 0; block < schema.blocks(); block++) {
      if (key) {
        key(new Position(incarnation, sequence), block, taken, row, target);
      } else {
        delta(sequence, block, taken, row, target);
      }
    }
    lastSequence = sequence;
    lastWallMillis = taken.wallMillis();
    lastMonotonicNanos = taken.monotonicNanos();
  }

  private void key(Position at, int block, Moment taken, Row row, FrameWriter target) {
    int frame = target.begin(FrameType.KEY, 0);
    target.bodies().keyHead(at, block, taken, schema.hash());
    WireOutput out = target.out();
    int values = out.zeros(Integer.BYTES);
    rows.all(schema.blockStart(block), schema.blockEnd(block), row, out);
    out.setU32(values, out.length() - values - Integer.BYTES);
    target.end(frame);
  }

  private void delta(long sequence, int block, Moment taken, Row row, FrameWriter target) {
    int frame = target.begin(FrameType.DELTA, 0);
    target
        .bodies()
        .deltaHead(
            sequence,
            block,
            sequence - lastSequence,
            taken.wallMillis() - lastWallMillis,
            taken.monotonicNanos() - lastMonotonicNanos);
    WireOutput out = target.out();
    int changes = out.zeros(Integer.BYTES);
    rows.changes(schema.blockStart(block), schema.blockEnd(block), row, out);
    out.setU32(changes, out.length() - changes - Integer.BYTES);
    target.end(frame);
  }
}
