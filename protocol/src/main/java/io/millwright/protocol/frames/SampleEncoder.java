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
  private final byte[] scales;
  private final long incarnation;
  private final Row last;
  private int untilKey;
  private long lastSequence;
  private long lastWallMillis;
  private long lastMonotonicNanos;

  /**
   * @param incarnation of this start of the agent, as in HELLO
   */
  public SampleEncoder(SeriesSchema schema, long incarnation) {
    this.schema = schema;
    this.scales = schema.scales();
    this.incarnation = incarnation;
    this.last = new Row(schema.size());
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
    for (int i = schema.blockStart(block); i < schema.blockEnd(block); i++) {
      last.clear(i);
      value(i, row, out);
    }
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
    changes(block, row, out);
    out.setU32(changes, out.length() - changes - Integer.BYTES);
    target.end(frame);
  }

  private void changes(int block, Row row, WireOutput out) {
    int start = schema.blockStart(block);
    int end = schema.blockEnd(block);
    int bitmap = out.zeros(SampleCode.bitmapBytes(end - start));
    for (int i = start; i < end; i++) {
      if (!last.same(i, row)) {
        out.setBit(bitmap, i - start);
        value(i, row, out);
      }
    }
  }

  private void value(int index, Row row, WireOutput out) {
    int scale = scales[index];
    double value = row.value(index);
    if (!row.present(index)) {
      out.varint(SampleCode.ABSENT);
    } else if (DecimalScale.exact(value, scale)) {
      out.varint(SampleCode.ofStep(DecimalScale.nearest(value, scale) - base(index)));
    } else {
      out.varint(SampleCode.RAW);
      out.f64(value);
    }
    last.take(index, row);
  }

  private long base(int index) {
    return last.present(index) ? DecimalScale.base(last.value(index), scales[index]) : 0;
  }
}
