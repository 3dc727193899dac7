package io.millwright.protocol.frames;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SeriesSchemaTest {
  private static final String[] LABELS = {"", "a", "Küche 厨房 🚀", "x".repeat(256), "two\nlines"};

  private static final long SEED = Long.getLong("seed", new Random().nextLong());

  private final Random random = new Random(SEED);

  @BeforeAll
  static void saysItsSeed() {
    System.out.println("SeriesSchemaTest -Dseed=" + SEED);
  }

  @Test
  void comesBackAsItWasSent() {
    for (int i = 0; i < 200; i++) {
      List<Series> series =
          IntStream.range(0, random.nextInt(300)).mapToObj(_ -> series()).toList();
      SeriesSchema sent = SeriesSchema.of(series);
      SeriesSchema received = received(sent);
      assertThat(received).as("-Dseed=%d", SEED).isEqualTo(sent);
      assertThat(received.size()).isEqualTo(series.size());
      for (int j = 0; j < series.size(); j++) {
        assertThat(received.series(j)).as("-Dseed=%d", SEED).contains(series.get(j));
        assertThat(received.scale(j)).isEqualTo(DecimalScale.of(series.get(j).metric()));
      }
      assertThat(received.frame()).isEqualTo(sent.frame());
    }
  }

  private Series series() {
    List<Metric> metrics =
        Stream.of(Metric.values())
            .filter(metric -> metric.kind() != Metric.Kind.HISTOGRAM)
            .toList();
    Metric metric = metrics.get(random.nextInt(metrics.size()));
    List<String> labels =
        metric.labels().stream().map(_ -> LABELS[random.nextInt(LABELS.length)]).toList();
    return new Series(metric, labels, metric.kind() == Metric.Kind.INFO && random.nextBoolean());
  }

  @Test
  void hasTheHashOfItsContent() {
    SeriesSchema one = SeriesSchema.of(List.of(load("1m"), load("5m")));
    assertThat(one.hash()).isEqualTo(SeriesSchema.of(List.of(load("1m"), load("5m"))).hash());
    assertThat(one.hash()).isNotEqualTo(SeriesSchema.of(List.of(load("5m"), load("1m"))).hash());
    Frame.Schema frame = one.frame();
    Frame.Schema lying =
        new Frame.Schema(false, new Hash128(1, 2), frame.inflatedLength(), frame.deflated());
    assertThat(SeriesSchema.decode(lying))
        .isInstanceOfSatisfying(
            MalformedFrame.class,
            malformed -> assertThat(malformed.reason()).startsWith("SCHEMA: schema hash: "));
  }

  @Test
  void keepsThePlaceOfAFamilyItDoesNotKnow() {
    WireOutput content = new WireOutput(64);
    SchemaContent.write(
        List.of("n1", "1m"),
        new SchemaShape(
            List.of(
                new SchemaFamily(60_000, 1),
                new SchemaFamily(Metric.NODE_LOAD_AVERAGE.code(), 2),
                new SchemaFamily(Metric.NODE_LOAD_AVERAGE.code(), 1)),
            new SchemaColumns(
                List.of(
                    new SchemaColumn(0, true, 3, List.of(0)),
                    new SchemaColumn(1, false, 2, List.of(0, 1)),
                    new SchemaColumn(2, false, 2, List.of(0))))),
        content);
    content.i64(-1); // a newer version's
    SeriesSchema schema = received(content);
    assertThat(schema.series(0)).isEmpty();
    assertThat(schema.series(1)).contains(load("1m"));
    assertThat(schema.series(2)).isEmpty();
  }

  @Test
  void aNodeOfEightAcceleratorsTakesFewBytes() {
    SeriesSchema schema = SeriesSchema.of(node());
    System.out.printf(
        "schema of %d series: %d bytes, deflated %d%n",
        schema.size(), schema.frame().inflatedLength(), schema.frame().deflated().length());
    assertThat(FrameWriter.encode(schema.frame())).hasSizeLessThan(FrameType.USUAL);
  }

  @Test
  void theLargestFitsIntoItsFrameEvenWhereNothingDeflates() {
    SchemaBuilder builder = new SchemaBuilder();
    Series next = noise();
    while (builder.fits(next)) {
      builder.add(next);
      next = noise();
    }
    SeriesSchema schema = builder.build();
    assertThat(schema.frame().inflatedLength()).isGreaterThan(900_000);
    assertThat(FrameWriter.encode(schema.frame())).hasSizeLessThanOrEqualTo(FrameType.LARGE + 4);
    assertThat(received(schema)).isEqualTo(schema);
  }

  private Series noise() {
    String text =
        random
            .ints(256, 0x4e00, 0x9fa5)
            .mapToObj(Character::toString)
            .collect(Collectors.joining());
    return load(text);
  }

  @Test
  void refusesMoreThanItHolds() {
    List<Series> most = new ArrayList<>();
    for (int i = 0; i < SeriesSchema.MOST_SERIES; i++) {
      most.add(load("w" + i % 7));
    }
    assertThat(SeriesSchema.of(most).blocks()).isEqualTo(SeriesSchema.MOST_BLOCKS);
    most.add(load("one more"));
    assertThatThrownBy(() -> SeriesSchema.of(most))
        .hasMessageContaining("a schema holds at most 32768 series");
    Series histogram = Series.of(Metric.JOB_QUEUE_WAIT_SECONDS, "batch");
    assertThatThrownBy(() -> SeriesSchema.of(List.of(histogram))).hasMessageContaining("histogram");
  }

  @Test
  void anyContentIsASchemaOrMalformed() {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    WireOutput good = new WireOutput(64);
    good.raw(content(SeriesSchema.of(node().subList(0, 40))));
    int malformed = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[good.length()];
      good.written().get(bytes);
      for (int flips = 1 + random.nextInt(6); flips > 0; flips--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      int length = 1 + random.nextInt(bytes.length);
      Frame.Schema frame =
          new Frame.Schema(
              false, Hash128.of(bytes, length), length, Deflation.deflate(bytes, length));
      long before = threads.getCurrentThreadAllocatedBytes();
      DecodedSchema decoded = SeriesSchema.decode(frame);
      assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(3_000_000);
      malformed += decoded instanceof MalformedFrame ? 1 : 0;
    }
    assertThat(malformed).as("-Dseed=%d", SEED).isBetween(1_000, 19_999);
  }

  @Test
  void anyDeflatedBytesAreTheSameSchemaOrMalformed() {
    SeriesSchema schema = SeriesSchema.of(node());
    Frame.Schema good = schema.frame();
    int malformed = 0;
    for (int i = 0; i < 5_000; i++) {
      byte[] bytes = good.deflated().toByteArray();
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      DecodedSchema decoded = decoded(good, good.inflatedLength(), bytes);
      if (decoded instanceof MalformedFrame) {
        malformed++;
      } else {
        assertThat(decoded).as("bits that pad the last byte, -Dseed=%d", SEED).isEqualTo(schema);
      }
    }
    assertThat(malformed).as("-Dseed=%d", SEED).isGreaterThan(4_900);
    byte[] whole = good.deflated().toByteArray();
    assertThat(decoded(good, good.inflatedLength(), whole)).isInstanceOf(SeriesSchema.class);
    assertThat(decoded(good, good.inflatedLength() + 1, whole)).isInstanceOf(MalformedFrame.class);
    assertThat(decoded(good, good.inflatedLength() - 1, whole)).isInstanceOf(MalformedFrame.class);
    assertThat(decoded(good, 1_000_000, new byte[] {1})).isInstanceOf(MalformedFrame.class);
  }

  private static DecodedSchema decoded(Frame.Schema like, int length, byte[] deflated) {
    return SeriesSchema.decode(new Frame.Schema(false, like.hash(), length, Payload.of(deflated)));
  }

  private static byte[] content(SeriesSchema schema) {
    return Deflation.inflate(schema.frame().deflated(), schema.frame().inflatedLength());
  }

  private static SeriesSchema received(SeriesSchema sent) {
    byte[] bytes = FrameWriter.encode(sent.frame());
    Frame.Schema frame = (Frame.Schema) Reads.frame(bytes, FrameType.SCHEMA);
    return (SeriesSchema) SeriesSchema.decode(frame);
  }

  private static SeriesSchema received(WireOutput content) {
    int length = content.length();
    return (SeriesSchema)
        SeriesSchema.decode(
            new Frame.Schema(
                false,
                Hash128.of(content.array(), length),
                length,
                Deflation.deflate(content.array(), length)));
  }

  private static Series load(String window) {
    return Series.of(Metric.NODE_LOAD_AVERAGE, "n1", window);
  }

  /** Eight accelerators with all families that have no labels of their own. */
  private static List<Series> node() {
    List<Series> series = new ArrayList<>();
    for (int gpu = 0; gpu < 8; gpu++) {
      Accelerator accelerator =
          new Accelerator("n17", "" + gpu, "GPU-" + gpu, "nvidia", "B200", false);
      for (int i = 0; i < 100; i++) {
        series.add(Series.of(Metric.ACCELERATOR_POWER_WATTS, accelerator, "scope" + i));
      }
    }
    return series;
  }
}
