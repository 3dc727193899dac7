package io.millwright.protocol.frames;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The page is enough: a reader in Python whose grammar is the table of {@code docs/protocol.md}
 * reads the same in the same bytes, right ones and mutated ones.
 */
@SuppressWarnings("NullAway.Init") // set before each test
class SecondReaderTest {
  private static final long SEED = Long.getLong("seed", new Random().nextLong());
  private static final int FRAMES = 1_000;
  private static final int MUTATED_FRAMES = 6_000;
  private static final int MUTATED_STREAMS = 1_000;

  @TempDir private Path directory;
  private final SplittableRandom random = new SplittableRandom(SEED);
  private final Mutator mutator = new Mutator(random);
  private final List<String> given = new ArrayList<>();
  private final List<ArrayNode> expected = new ArrayList<>();

  @BeforeEach
  void hasPython() {
    System.out.println("SecondReaderTest -Dseed=" + SEED);
    assumeTrue(python(), "no python3 on the PATH: the page is read by Java alone");
  }

  private static boolean python() {
    try {
      return new ProcessBuilder("python3", "-c", "").start().waitFor() == 0;
    } catch (IOException none) {
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void readsTheGoldenFrames() throws Exception {
    List<byte[]> golden = new ArrayList<>();
    for (String line : Files.readAllLines(FuzzSeeds.FRAMES)) {
      String[] words = line.split(" ");
      if (!words[0].equals("schema-content")) {
        golden.add(HexFormat.of().parseHex(words[1]));
      }
    }
    assertThat(golden).hasSize(FrameType.values().length);
    golden.forEach(this::frame);
    bothReadTheSame();
  }

  @Test
  void readsFramesOfAnyValues() throws Exception {
    RandomFrames frames = new RandomFrames(SEED);
    for (int i = 0; i < FRAMES; i++) {
      frame(FrameWriter.encode(frames.next()));
    }
    bothReadTheSame();
  }

  @Test
  void refusesTheSameFrames() throws Exception {
    List<byte[]> seeds = FuzzSeeds.frames();
    for (int i = 0; i < MUTATED_FRAMES; i++) {
      byte[] seed = seeds.get(random.nextInt(seeds.size()));
      byte[] bytes = mutator.mutated(seed, random.nextInt(7), seeds.getFirst());
      if (random.nextInt(8) != 0 && bytes.length >= Integer.BYTES) {
        ByteBuffer.wrap(bytes).putInt(0, bytes.length - Integer.BYTES);
      }
      frame(bytes);
    }
    bothReadTheSame();
  }

  @Test
  void readsTheSamplesOfAnAgent() throws Exception {
    List<SeriesSchema> schemas =
        List.of(FuzzSeeds.SCHEMAS.getFirst(), everyFamily(), FuzzSeeds.SCHEMAS.getLast());
    for (SeriesSchema schema : schemas) {
      FrameWriter writer = new FrameWriter(4096);
      writer.write(schema.frame());
      SampleEncoder encoder = new SampleEncoder(schema, random.nextLong());
      Row row = new Row(schema.size());
      int samples = schema.blocks() == 1 ? SampleEncoder.KEY_EVERY + 5 : 4;
      for (int sequence = 1; sequence <= samples; sequence++) {
        walk(row, schema);
        Moment taken = new Moment(1000L * sequence + random.nextInt(9), random.nextLong());
        encoder.encode(sequence, taken, row, writer);
      }
      stream(bytes(writer));
    }
    bothReadTheSame();
  }

  @Test
  void readsTheSameInWhatIsDamaged() throws Exception {
    SeriesSchema schema = FuzzSeeds.SCHEMAS.getFirst();
    byte[] head = FrameWriter.encode(schema.frame());
    byte[] chain = FuzzSeeds.chain(schema);
    byte[] content = FuzzSeeds.content(schema);
    for (int i = 0; i < MUTATED_STREAMS; i++) {
      boolean inContent = random.nextInt(4) == 0;
      byte[] first = inContent ? FuzzSeeds.schema(mutator.mutated(content, 0, content)) : head;
      if (needsTheCatalogue(first)) {
        continue;
      }
      stream(joined(first, inContent ? chain : mutator.mutated(chain, random.nextInt(90), chain)));
    }
    bothReadTheSame();
  }

  /** Whether only what a family is makes it malformed. */
  private static boolean needsTheCatalogue(byte[] schema) {
    Frame.Schema frame = (Frame.Schema) Reads.frame(schema, FrameType.SCHEMA);
    return SeriesSchema.decode(frame) instanceof MalformedFrame(String reason)
        && reason.contains("series flags");
  }

  /** One of each family that the catalogue has. */
  private static SeriesSchema everyFamily() {
    return SeriesSchema.of(
        Arrays.stream(Metric.values())
            .filter(metric -> metric.kind() != Metric.Kind.HISTOGRAM)
            .map(metric ->
                new Series(metric, Collections.nCopies(metric.labels().size(), "ä"), false))
            .toList());
  }

  private void walk(Row row, SeriesSchema schema) {
    for (int i = 0; i < row.size(); i++) {
      switch (random.nextInt(9)) {
        case 0 -> row.clear(i);
        case 1 -> row.set(i, Double.longBitsToDouble(random.nextLong()));
        case 2 -> row.set(i, -0.0);
        case 3, 4 -> row.set(i, DecimalScale.value(random.nextInt(), schema.scale(i)));
        case 5 -> row.set(i, Double.POSITIVE_INFINITY);
        default -> {}
      }
    }
  }

  // ---- what Java reads

  /** As it would come in an open session, or before it. */
  private void frame(byte[] bytes) {
    int code = bytes.length > Integer.BYTES ? Byte.toUnsignedInt(bytes[Integer.BYTES]) : 0;
    Optional<FrameType> type = FrameType.ofCode(code);
    Side side =
        type.filter(t -> !t.comesFrom(Side.AGENT)).isPresent() ? Side.COLLECTOR : Side.AGENT;
    boolean open = type.filter(t -> !t.follows()).isEmpty() && random.nextInt(16) != 0;
    FrameReader reader = new FrameReader(side);
    if (open) {
      reader.open();
    }
    ask((open ? "" : "new-") + (side == Side.AGENT ? "agent" : "collector"), bytes);
    expected.add(
        switch (reader.next(ByteBuffer.wrap(bytes))) {
          case MalformedFrame _ -> array("malformed");
          case Incomplete _ -> array("incomplete");
          case UnknownFrame(int unknown) -> array("unknown").add(unknown);
          case Frame frame -> flat(frame, array(frame.type().name()));
        });
  }

  private void stream(byte[] bytes) {
    ask("stream", bytes);
    ArrayNode seen = JsonNodeFactory.instance.arrayNode();
    expected.add(seen);
    FrameReader reader = new FrameReader(Side.AGENT);
    reader.open();
    ByteBuffer received = ByteBuffer.wrap(bytes);
    SampleDecoder[] chains = new SampleDecoder[2];
    while (true) {
      ArrayNode meaning =
          switch (reader.next(received)) {
            case Incomplete _ -> array("end");
            case MalformedFrame _ -> array("malformed");
            case Frame.Schema schema -> schema(schema, chains);
            case Frame.Key key -> {
              SampleDecoder chain = chains[key.backfill() ? 1 : 0];
              yield sample(chain, chain == null ? waits() : chain.apply(key), key.backfill());
            }
            case Frame.Delta delta -> {
              SampleDecoder chain = chains[delta.backfill() ? 1 : 0];
              yield sample(chain, chain == null ? waits() : chain.apply(delta), delta.backfill());
            }
            case Frame _, UnknownFrame _ -> array("other");
          };
      switch (meaning.get(0).textValue()) {
        case "end" -> {
          return;
        }
        case "other" -> {}
        case "malformed" -> {
          seen.add(meaning);
          return;
        }
        default -> seen.add(meaning);
      }
    }
  }

  private static SampleResult waits() {
    return new SampleResult.NeedsKey("");
  }

  /** Only what does not need the catalogue is compared. */
  private static ArrayNode schema(Frame.Schema frame, SampleDecoder[] chains) {
    return switch (SeriesSchema.decode(frame)) {
      case MalformedFrame _ -> array("malformed");
      case SeriesSchema schema -> {
        chains[frame.backfill() ? 1 : 0] = new SampleDecoder(schema);
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        for (int i = 0; i < schema.size(); i++) {
          ArrayNode one = all.addArray().add(schema.scale(i));
          schema
              .series(i)
              .ifPresent(series -> {
                one.add(series.metric().code()).add(series.simulated() ? 1 : 0);
                series.labelValues().forEach(one.addArray()::add);
              });
        }
        yield array("schema").add(all);
      }
    };
  }

  private static ArrayNode sample(SampleDecoder chain, SampleResult result, boolean late) {
    return switch (result) {
      case MalformedFrame _ -> array("malformed");
      case SampleResult.NeedsKey _ -> array("waits").add(late ? 1 : 0);
      case SampleResult.Partial() -> array("partial").add(late ? 1 : 0);
      case SampleResult.Complete() -> {
        ArrayNode sample = flat(chain.taken(), flat(chain.at(), array("sample")));
        ArrayNode values = sample.addArray();
        for (int i = 0; i < chain.row().size(); i++) {
          if (chain.row().present(i)) {
            long bits = Double.doubleToRawLongBits(chain.row().value(i));
            values.add(HexFormat.of().toHexDigits(bits));
          } else {
            values.addNull();
          }
        }
        yield sample.add(late ? 1 : 0);
      }
    };
  }

  /** The fields of a record behind each other, those of records in it too. */
  private static ArrayNode flat(Object value, ArrayNode into) {
    switch (value) {
      case Boolean flag -> into.add(flag ? 1 : 0);
      case Integer number -> into.add(number);
      case Long number -> into.add(number);
      case String text -> into.add(text);
      case UUID uuid -> into.add(uuid.toString().replace("-", ""));
      case Hash128 hash -> into.add(hash.toString());
      case Payload bytes -> into.add(HexFormat.of().formatHex(bytes.toByteArray()));
      case OptionalInt number -> into.add(number.orElse(0));
      case GoAwayReason reason -> into.add(reason.code());
      case AppliedAnswer answer -> into.add(answer.code());
      case CaptureKind kind -> into.add(kind.code());
      case List<?> list -> {
        ArrayNode array = into.addArray();
        list.forEach(element -> flat(element, array));
      }
      default -> {
        for (RecordComponent component : value.getClass().getRecordComponents()) {
          flat(component(component, value), into);
        }
      }
    }
    return into;
  }

  private static Object component(RecordComponent component, Object of) {
    try {
      return component.getAccessor().invoke(of);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(component.toString(), e);
    }
  }

  private static ArrayNode array(String word) {
    return JsonNodeFactory.instance.arrayNode().add(word);
  }

  // ---- what Python reads

  private void ask(String who, byte[] bytes) {
    given.add(who + " " + HexFormat.of().formatHex(bytes));
  }

  private void bothReadTheSame() throws Exception {
    Path in = Files.write(directory.resolve("in"), given);
    Path out = directory.resolve("out");
    Process python =
        new ProcessBuilder("python3", "src/test/python/read_protocol.py", "../docs/protocol.md")
            .redirectInput(in.toFile())
            .redirectOutput(out.toFile())
            .redirectError(directory.resolve("err").toFile())
            .start();
    assertThat(python.waitFor(60, TimeUnit.SECONDS)).as("Python ends").isTrue();
    assertThat(Files.readString(directory.resolve("err"))).isEmpty();
    List<String> read = Files.readAllLines(out);
    assertThat(read).hasSameSizeAs(given);
    ObjectMapper mapper = new ObjectMapper();
    for (int i = 0; i < read.size(); i++) {
      JsonNode java = mapper.readTree(expected.get(i).toString());
      assertThat(known(mapper.readTree(read.get(i)), java))
          .as("-Dseed=%d %s", SEED, given.get(i))
          .isEqualTo(java);
    }
  }

  /** Without what Java does not say of families that its catalogue lacks. */
  private static JsonNode known(JsonNode python, JsonNode java) {
    for (int i = 0; i < Math.min(python.size(), java.size()); i++) {
      if (python.get(i).isArray() && python.get(i).path(0).asText().equals("schema")) {
        JsonNode series = python.get(i).get(1);
        for (int s = 0; s < series.size(); s++) {
          reordered((ArrayNode) series.get(s), java.path(i).path(1).path(s).size() > 1);
        }
      }
    }
    return python;
  }

  private static void reordered(ArrayNode series, boolean family) {
    JsonNode scale = series.remove(2);
    if (!family) {
      series.removeAll();
    }
    series.insert(0, scale);
  }

  private static byte[] joined(byte[] first, byte[] second) {
    return ByteBuffer.allocate(first.length + second.length).put(first).put(second).array();
  }

  private static byte[] bytes(FrameWriter writer) {
    byte[] bytes = new byte[writer.length()];
    writer.written().get(bytes);
    return bytes;
  }
}
