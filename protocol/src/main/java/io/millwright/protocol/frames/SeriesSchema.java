package io.millwright.protocol.frames;

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
  private final List<SchemaFamily> families;
  private final SchemaColumns columns;
  private final Hash128 hash;

  SeriesSchema(
      List<String> labels, List<SchemaFamily> families, SchemaColumns columns, Hash128 hash) {
    this.labels = List.copyOf(labels);
    this.families = List.copyOf(families);
    this.columns = columns;
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
    try {
      byte[] content = Deflation.inflate(frame.deflated(), frame.inflatedLength());
      Hash128 hash = Hash128.of(content, content.length);
      if (!hash.equals(frame.hash())) {
        throw Bounds.refused(
            "schema hash", frame.hash().toString(), "that of its content, " + hash);
      }
      return SchemaContent.read(new WireInput(ByteBuffer.wrap(content)), hash);
    } catch (IllegalArgumentException e) {
      return new MalformedFrame(FrameType.SCHEMA + ": " + e.getMessage());
    }
  }

  public int size() {
    return columns.size();
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
    SchemaColumn column = columns.column(index);
    return families
        .get(column.family())
        .metric()
        .map(metric -> new Series(metric, labelsOf(column), column.simulated()));
  }

  private List<String> labelsOf(SchemaColumn column) {
    return column.labels().stream().map(labels::get).toList();
  }

  /** The values of the series at this place are whole numbers × 10^-scale, most of them. */
  public int scale(int index) {
    return columns.scale(index);
  }

  /** The frame that tells it to the other side. */
  public Frame.Schema frame() {
    WireOutput content = new WireOutput(size() * 16 + 256);
    SchemaContent.write(labels, families, columns, content);
    return new Frame.Schema(
        false, hash, content.length(), Deflation.deflate(content.array(), content.length()));
  }

  byte[] scales() {
    byte[] scales = new byte[size()];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = (byte) scale(i);
    }
    return scales;
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
