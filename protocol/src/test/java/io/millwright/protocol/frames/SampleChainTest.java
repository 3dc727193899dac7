package io.millwright.protocol.frames;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the decoder has is bit by bit what the encoder was given. */
class SampleChainTest {
  private static final long INCARNATION = 0x7777;
  private static final double[] ODD = {
    0.0,
    -0.0,
    1,
    -1,
    0.1,
    1.0 / 3,
    512.123,
    512.123 + 1e-13,
    -0.0005,
    1e-9,
    4.9e-324,
    1.7e308,
    -1.7e308,
    9007199254740991.0,
    9007199254740992.0,
    9007199254740994.0,
    -9007199254740992.0,
    9.223372036854776E18,
    1.98e9,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY
  };

  private static final long SEED = Long.getLong("seed", new Random().nextLong());

  private final Random random = new Random(SEED);

  @BeforeAll
  static void saysItsSeed() {
    System.out.println("SampleChainTest -Dseed=" + SEED);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 8, 9, 63, 64, 65, 800, 4096, 4097, 9000})
  void followsRandomWalksBitByBit(int size) {
    SeriesSchema schema = schema(size);
    SampleEncoder encoder = new SampleEncoder(schema, INCARNATION);
    SampleDecoder decoder = new SampleDecoder(schema);
    Row row = new Row(size);
    long sequence = 0;
    Moment taken = new Moment(random.nextLong(), random.nextLong());
    for (int i = 0; i < 150; i++) {
      sequence += 1 + random.nextInt(3);
      taken =
          new Moment(
              taken.wallMillis() + random.nextInt(-5000, 100_000),
              taken.monotonicNanos() + random.nextLong(2_000_000_000L));
      walk(row, schema);
      if (random.nextInt(40) == 0) {
        encoder.restart();
      }
      SampleResult last = feed(decoder, encoded(encoder, sequence, taken, row));
      assertThat(last).as("-Dseed=%d", SEED).isEqualTo(new SampleResult.Complete());
      assertThat(decoder.row()).as("-Dseed=%d sample %d", SEED, i).isEqualTo(row);
      assertThat(decoder.at()).isEqualTo(new Position(INCARNATION, sequence));
      assertThat(decoder.taken()).isEqualTo(taken);
      if (random.nextInt(10) == 0) {
        decoder = successor(decoder);
        assertThat(decoder.row()).as("-Dseed=%d sample %d", SEED, i).isEqualTo(row);
      }
    }
  }

  /** One that goes on from the KEY of another; of several blocks there is no such KEY. */
  private static SampleDecoder successor(SampleDecoder of) {
    Optional<Frame.Key> key = of.key();
    assertThat(key.isPresent()).isEqualTo(of.schema().blocks() == 1);
    if (key.isEmpty()) {
      return of;
    }
    SampleDecoder next = new SampleDecoder(of.schema());
    assertThat(next.apply(key.get())).isEqualTo(new SampleResult.Complete());
    assertThat(next.at()).isEqualTo(of.at());
    assertThat(next.taken()).isEqualTo(of.taken());
    return next;
  }

  private void walk(Row row, SeriesSchema schema) {
    for (int i = 0; i < row.size(); i++) {
      switch (random.nextInt(12)) {
        case 0 -> row.clear(i);
        case 1 -> row.set(i, ODD[random.nextInt(ODD.length)]);
        case 2 -> row.set(i, Double.longBitsToDouble(random.nextLong()));
        case 3 -> row.set(i, DecimalScale.value(random.nextLong(-1000, 1000), schema.scale(i)));
        case 4 -> row.set(i, row.value(i) + DecimalScale.value(1, schema.scale(i)));
        case 5 -> row.set(i, row.value(i) * (1 + random.nextGaussian() * 1e-3));
        default -> {}
      }
      if (Double.isNaN(row.value(i))) {
        row.set(i, 3);
      }
    }
  }

  @Test
  void sendsAKeyEachSixtySamplesAndAfterARestart() {
    SampleEncoder encoder = new SampleEncoder(schema(3), INCARNATION);
    Row row = new Row(3);
    List<FrameType> types = new ArrayList<>();
    for (int sequence = 1; sequence <= 130; sequence++) {
      if (sequence == 101) {
        encoder.restart();
      }
      types.add(encoded(encoder, sequence, moment(sequence), row).getFirst().type());
    }
    List<Integer> keys = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      if (types.get(i) == FrameType.KEY) {
        keys.add(i + 1);
      }
    }
    assertThat(keys).containsExactly(1, 61, 101);
  }

  @Test
  void beginsANewChainWhereTheSequenceDoesNotRise() {
    SampleEncoder encoder = new SampleEncoder(schema(3), INCARNATION);
    Row row = new Row(3);
    encoded(encoder, 7, moment(1), row);
    assertThat(encoded(encoder, 7, moment(2), row).getFirst().type()).isEqualTo(FrameType.KEY);
    assertThat(encoded(encoder, 8, moment(3), row).getFirst().type()).isEqualTo(FrameType.DELTA);
  }

  @Test
  void wantsAKeyWhereAFrameIsMissingAndHealsWithIt() {
    SeriesSchema schema = schema(5);
    SampleEncoder encoder = new SampleEncoder(schema, INCARNATION);
    SampleDecoder decoder = new SampleDecoder(schema);
    Row row = new Row(5);
    Frame first = encoded(encoder, 1, moment(1), row).getFirst();
    row.set(2, 4);
    Frame lost = encoded(encoder, 2, moment(2), row).getFirst();
    Frame third = encoded(encoder, 3, moment(3), row).getFirst();
    assertThat(feed(decoder, List.of(lost))).isInstanceOf(SampleResult.NeedsKey.class);
    assertThat(feed(decoder, List.of(first))).isInstanceOf(SampleResult.Complete.class);
    assertThat(feed(decoder, List.of(third))).isInstanceOf(SampleResult.NeedsKey.class);
    assertThat(feed(decoder, List.of(lost))).isInstanceOf(SampleResult.NeedsKey.class);
    encoder.restart();
    assertThat(feed(decoder, encoded(encoder, 4, moment(4), row)))
        .isInstanceOf(SampleResult.Complete.class);
    assertThat(decoder.row()).isEqualTo(row);
  }

  @Test
  void wantsAKeyOfItsOwnSchema() {
    SampleEncoder encoder = new SampleEncoder(schema(5), INCARNATION);
    Frame key = encoded(encoder, 1, moment(1), new Row(5)).getFirst();
    assertThat(feed(new SampleDecoder(schema(6)), List.of(key)))
        .isInstanceOf(SampleResult.NeedsKey.class);
  }

  @Test
  void takesBlocksInTheirOrderOnly() {
    int size = SeriesSchema.BLOCK + 10;
    SeriesSchema schema = schema(size);
    List<Frame> frames =
        encoded(new SampleEncoder(schema, INCARNATION), 1, moment(1), new Row(size));
    assertThat(frames).hasSize(2);
    SampleDecoder decoder = new SampleDecoder(schema);
    assertThat(feed(decoder, frames.subList(1, 2))).isInstanceOf(SampleResult.NeedsKey.class);
    assertThat(feed(decoder, frames.subList(0, 1))).isInstanceOf(SampleResult.Partial.class);
    assertThat(feed(decoder, frames.subList(0, 1))).isInstanceOf(SampleResult.Partial.class);
    assertThat(feed(decoder, frames.subList(1, 2))).isInstanceOf(SampleResult.Complete.class);
    assertThat(feed(decoder, frames.subList(1, 2))).isInstanceOf(SampleResult.NeedsKey.class);
  }

  @Test
  void theLongestValuesOfAFullBlockFitIntoAFrame() {
    int size = SeriesSchema.MOST_SERIES;
    SeriesSchema schema = schema(size);
    SampleEncoder encoder = new SampleEncoder(schema, INCARNATION);
    SampleDecoder decoder = new SampleDecoder(schema);
    Row row = new Row(size);
    for (int sequence = 1; sequence <= 2; sequence++) {
      for (int i = 0; i < size; i++) {
        row.set(i, Math.nextUp(Math.PI * (i + sequence)));
      }
      List<Frame> frames = encoded(encoder, sequence, moment(sequence), row);
      assertThat(frames).hasSize(SeriesSchema.MOST_BLOCKS);
      assertThat(feed(decoder, frames)).isInstanceOf(SampleResult.Complete.class);
    }
    assertThat(decoder.row()).isEqualTo(row);
  }

  @Test
  void readsNoFurtherThanTheBytesGo() {
    SeriesSchema schema = schema(100);
    int malformed = 0;
    for (int i = 0; i < 20_000; i++) {
      SampleDecoder decoder = new SampleDecoder(schema);
      SampleEncoder encoder = new SampleEncoder(schema, INCARNATION);
      Row row = new Row(100);
      walk(row, schema);
      feed(decoder, encoded(encoder, 1, moment(1), row));
      walk(row, schema);
      Frame.Delta delta = (Frame.Delta) encoded(encoder, 2, moment(2), row).getFirst();
      byte[] changes = damaged(delta.changes().toByteArray());
      SampleResult result =
          decoder.apply(new Frame.Delta(false, 2, 0, 1, 0, 0, Payload.of(changes)));
      assertThat(result)
          .as("-Dseed=%d", SEED)
          .isInstanceOfAny(SampleResult.Complete.class, MalformedFrame.class);
      malformed += result instanceof MalformedFrame ? 1 : 0;
      SampleResult asKey =
          decoder.apply(
              new Frame.Key(
                  false, new Position(1, 3), 0, moment(3), schema.hash(), Payload.of(changes)));
      assertThat(asKey)
          .as("-Dseed=%d", SEED)
          .isInstanceOfAny(SampleResult.Complete.class, MalformedFrame.class);
    }
    assertThat(malformed).isBetween(100, 19_900);
  }

  private byte[] damaged(byte[] bytes) {
    byte[] some = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
    for (int flips = random.nextInt(4); flips > 0 && some.length > 0; flips--) {
      some[random.nextInt(some.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return some;
  }

  @Test
  void ignoresWhatANewerVersionAppendsToTheValues() {
    SeriesSchema schema = schema(2);
    Payload values = Payload.of((byte) 0, (byte) 12, (byte) 99, (byte) 99);
    SampleDecoder decoder = new SampleDecoder(schema);
    SampleResult result =
        decoder.apply(
            new Frame.Key(false, new Position(1, 1), 0, moment(1), schema.hash(), values));
    assertThat(result).isInstanceOf(SampleResult.Complete.class);
    assertThat(decoder.row().present(0)).isFalse();
    assertThat(decoder.row().present(1)).isTrue();
  }

  @Test
  void refusesABitBehindTheLastSeries() {
    SeriesSchema schema = schema(3);
    SampleDecoder decoder = new SampleDecoder(schema);
    feed(decoder, encoded(new SampleEncoder(schema, INCARNATION), 1, moment(1), new Row(3)));
    Payload changes = Payload.of((byte) 8, (byte) 0);
    assertThat(decoder.apply(new Frame.Delta(false, 2, 0, 1, 0, 0, changes)))
        .isEqualTo(
            new MalformedFrame(
                "DELTA: bitmap: 'a bit behind the last series' is refused; allowed is none there"));
    assertThat(decoder.apply(new Frame.Delta(false, 3, 0, 1, 0, 0, changes)))
        .isInstanceOf(SampleResult.NeedsKey.class);
  }

  @Test
  void refusesARowOfAnotherSize() {
    SampleEncoder encoder = new SampleEncoder(schema(3), INCARNATION);
    assertThatThrownBy(() -> encoder.encode(1, moment(1), new Row(4), new FrameWriter(16)))
        .hasMessageContaining("the row has 4 values, the schema 3 series");
  }

  @Test
  void encodesWithoutAllocating() {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    int size = 800;
    SeriesSchema schema = schema(size);
    SampleEncoder encoder = new SampleEncoder(schema, INCARNATION);
    FrameWriter writer = new FrameWriter(65_536);
    Row row = new Row(size);
    Moment taken = moment(1);
    for (int sequence = 1; sequence <= 200; sequence++) { // classes are loaded on the way
      walk(row, schema);
      writer.clear();
      encoder.encode(sequence, taken, row, writer);
    }
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int sequence = 201; sequence <= 250; sequence++) {
      walk(row, schema);
      writer.clear();
      encoder.encode(sequence, taken, row, writer);
    }
    assertThat(threads.getCurrentThreadAllocatedBytes() - before)
        .as("-Dseed=%d, bytes for 50 deltas", SEED)
        .isLessThan(1_000);
  }

  private static List<Frame> encoded(SampleEncoder encoder, long sequence, Moment taken, Row row) {
    FrameWriter writer = new FrameWriter(16);
    encoder.encode(sequence, taken, row, writer);
    FrameReader reader = new FrameReader(Side.AGENT);
    reader.open();
    List<Frame> frames = new ArrayList<>();
    ByteBuffer bytes = writer.written();
    while (bytes.hasRemaining()) {
      frames.add((Frame) reader.next(bytes));
    }
    return frames;
  }

  private static SampleResult feed(SampleDecoder decoder, List<Frame> frames) {
    SampleResult last = new SampleResult.Partial();
    for (Frame frame : frames) {
      last =
          switch (frame) {
            case Frame.Key key -> decoder.apply(key);
            case Frame.Delta delta -> decoder.apply(delta);
            default -> throw new AssertionError(frame);
          };
    }
    return last;
  }

  private static Moment moment(long second) {
    return new Moment(1_800_000_000_000L + second * 1000, second * 1_000_000_000L);
  }

  /** Series of all scales from -9 to 9. */
  private static SeriesSchema schema(int size) {
    SchemaBuilder builder = new SchemaBuilder();
    for (int i = 0; i < size; i++) {
      builder.add(Series.of(Metric.NODE_LOAD_AVERAGE, "n1", "w" + i), i % 19 - 9);
    }
    return builder.build();
  }
}
