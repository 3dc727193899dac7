package io.millwright.protocol.frames;

import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * Which series the values of KEY and DELTA belong to, in their order, and at which decimal scale
 * they travel. Immutable; two are equal by their hash.
 *
 * <p>Series are kept as numbers into a table of label values and made on demand, so that a
 * collector can hold the schemas of a whole fleet.
 */
public final class SeriesSchema implements DecodedSchema {
  /** The most series of a node. */
  public static final int MOST_SERIES = 32_768;

  /** So many series stand in one KEY or DELTA: at their longest they fit into a frame. */
  public static final int BLOCK = 4_096;

  /** The most blocks of a sample. */
  public static final int MOST_BLOCKS = MOST_SERIES / BLOCK;

  /** The most bytes of a schema, inflated; deflated it then fits into its frame in any case. */
  public static final int LARGEST = 1_000_000;

  private final List<String> labels;
  private final SchemaShape shape;
  private final Hash128 hash;

  SeriesSchema(List<String> labels, SchemaShape shape, Hash128 hash) {
    this.labels = List.copyOf(labels);
    this.shape = shape;
    this.hash = hash;
  }

  /**
   * The schema of these series, each at the scale of its family.
   *
   * @throws IllegalArgumentException where they are more than a schema holds
   */
  public static SeriesSchema of(List<Series> series) {
    SchemaBuilder builder = new SchemaBuilder();
    series.forEach(builder::add);
    return builder.build();
  }

  /** Reads what an agent sent. */
  public static DecodedSchema decode(Frame.Schema frame) {
    return decode(frame, new KnownSchemas());
  }

  /**
   * Reads what one of many agents sent.
   *
   * @param known what it has in common with the others is kept once
   */
  public static DecodedSchema decode(Frame.Schema frame, KnownSchemas known) {
    try {
      byte[] content = Deflation.inflate(frame.deflated(), frame.inflatedLength());
      Hash128 hash = Hash128.of(content, content.length);
      if (!hash.equals(frame.hash())) {
        throw Bounds.refused(
            "schema hash", frame.hash().toString(), "that of its content, " + hash);
      }
      return SchemaContent.read(new WireInput(ByteBuffer.wrap(content)), known, hash);
    } catch (IllegalArgumentException e) {
      return new MalformedFrame(FrameType.SCHEMA + ": " + e.getMessage());
    }
  }

  public int size() {
    return shape.columns().size();
  }

  /** How many KEY or DELTA make one sample. */
  public int blocks() {
    return Math.max(1, (size() + BLOCK - 1) / BLOCK);
  }

  public Hash128 hash() {
    return hash;
  }

  /** The series at this place; empty where its family is a newer version's. */
  public Optional<Series> series(int index) {
    return metric(index)
        .map(metric -> new Series(metric, labels(index), shape.columns().simulated(index)));
  }

  private List<String> labels(int index) {
    String[] values = new String[shape.columns().labels(index)];
    for (int i = 0; i < values.length; i++) {
      values[i] = label(index, i);
    }
    return List.of(values);
  }

  /**
   * The value of one label of the series at this place.
   *
   * @param number of the label in its family, from 0
   */
  public String label(int index, int number) {
    return labels.get(shape.columns().label(index, number));
  }

  /** The family at this place; empty where it is a newer version's. */
  public Optional<Metric> metric(int index) {
    return shape.families().get(shape.columns().family(index)).metric();
  }

  /** The values of the series at this place are whole numbers × 10^-scale, most of them. */
  public int scale(int index) {
    return shape.columns().scale(index);
  }

  /** The frame that tells it to the other side. */
  public Frame.Schema frame() {
    WireOutput content = new WireOutput(size() * 16 + 256);
    SchemaContent.write(labels, shape, content);
    return new Frame.Schema(
        false, hash, content.length(), Deflation.deflate(content.array(), content.length()));
  }

  /** Of its series in order; shared, so not to be written to. */
  byte[] scales() {
    return shape.columns().scales();
  }

  int blockStart(int block) {
    return block * BLOCK;
  }

  int blockEnd(int block) {
    return Math.min(size(), (block + 1) * BLOCK);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SeriesSchema that && hash.equals(that.hash);
  }

  @Override
  public int hashCode() {
    return hash.hashCode();
  }

  @Override
  public String toString() {
    return size() + " series, " + hash;
  }
}
