package io.millwright.protocol.frames;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.LogHead;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Term;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** One frame of each type, byte by byte: what an older or newer version would see on the wire. */
class GoldenFramesTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden/frames.txt");
  private static final UUID BOOT = UUID.fromString("00010203-0405-0607-0809-0a0b0c0d0e0f");
  private static final UUID JOURNAL = UUID.fromString("f0f1f2f3-f4f5-f6f7-f8f9-fafbfcfdfeff");
  private static final Term TERM = new Term(1, 2, 0x5151515151515151L);
  private static final Moment MOMENT = new Moment(1_800_000_000_000L, 123_456_789_012L);
  private static final Payload JSON = Payload.ofText("{\"a\":1}");
  private static final Accelerator GPU =
      new Accelerator("n17", "0", "GPU-a", "nvidia", "B200", false);
  private static final SeriesSchema SCHEMA =
      SeriesSchema.of(
          List.of(
              Series.of(Metric.ACCELERATOR_POWER_WATTS, GPU, "module"),
              Series.of(Metric.NODE_LOAD_AVERAGE, "n17", "1m"),
              Series.of(Metric.ACCELERATOR_UP, GPU)));

  @Test
  void writesTheBytesOfTheGoldenFile() throws IOException {
    StringBuilder written = new StringBuilder();
    examples()
        .forEach((type, frame) -> written.append(line(type.name(), FrameWriter.encode(frame))));
    written.append(line("schema-content", content()));
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(GOLDEN, written);
    }
    assertThat(written.toString())
        .as("run with -Dgolden.update=true to rewrite, and read the difference")
        .isEqualTo(Files.readString(GOLDEN, UTF_8));
  }

  @Test
  void readsTheGoldenBytesBack() throws IOException {
    Map<FrameType, Frame> examples = examples();
    for (String line : Files.readAllLines(GOLDEN)) {
      String[] words = line.split(" ");
      Arrays.stream(FrameType.values())
          .filter(type -> type.name().equals(words[0]))
          .forEach(type ->
              assertThat(Reads.frame(HexFormat.of().parseHex(words[1]), type))
                  .isEqualTo(examples.get(type)));
    }
  }

  @Test
  void hasAnExampleOfEachType() {
    assertThat(examples()).containsOnlyKeys(FrameType.values());
    examples().forEach((type, frame) -> assertThat(frame.type()).isEqualTo(type));
  }

  private static Map<FrameType, Frame> examples() {
    Map<FrameType, Frame> frames = new EnumMap<>(FrameType.class);
    List.<Frame>of(
            new Frame.Hello(
                List.of(1, 2),
                new Origin("n17", BOOT, 0x1112131415161718L, "0.1.0"),
                SCHEMA.hash(),
                new SpoolRange(new Position(7, 100), new Position(9, 5)),
                MOMENT,
                List.of("jobs-1"),
                new JournalHead(JOURNAL, 11, 12, TERM, 13)),
            new Frame.Welcome(1, "c1", 42, new Position(9, 4), 10, 32, 1000, true, 99, TERM),
            new Frame.Schema(
                true, SCHEMA.hash(), 90, Payload.of((byte) 0x78, (byte) 0x9c, (byte) 3)),
            key(),
            delta(),
            new Frame.Event(11, 1_800_000_000_123L, "xid", JSON),
            new Frame.Ack(new Position(9, 64), new Position(7, 101), 11, 48),
            new Frame.Ping(3, MOMENT),
            new Frame.Pong(3, 77, MOMENT),
            new Frame.GoAway(GoAwayReason.MOVED, "fail-over", 5000, List.of("c2.site:9462")),
            new Frame.Desired(
                true,
                DesiredHead.change(TERM, 14, 13),
                DesiredBodies.splitUrgent(DesiredHead.full(TERM, 14), JSON).getFirst().part()),
            new Frame.Applied(AppliedAnswer.WRITTEN, TERM, 14, JSON),
            new Frame.Status(JOURNAL, 12, JSON),
            new Frame.StatusAck(JOURNAL, 12),
            new Frame.Lease(TERM, 3, 77, 120_000),
            new Frame.ReadOutput(2, new RunId("hello", 1), 300, 48_000),
            new Frame.Output(2, 300, true, "", Payload.ofText("done\n")),
            new Frame.Health(1_800_000_000_123L, JSON),
            new Frame.CapPower(3, OptionalInt.of(600), List.of("GPU-1")),
            new Frame.PowerCapped(3, JSON),
            new Frame.Capture(
                4, CaptureKind.BUNDLE, "", "before the reset of GPU 3", "inc-7", 120_000),
            new Frame.Captured(4, JSON),
            new Frame.ReadBundle(5, "20270115t080000-1a2b3c4d", 48_000, 48_000),
            new Frame.Bundle(5, 48_000, true, "", Payload.ofText("PK")),
            new Frame.Inventory(JSON),
            new Frame.AuditHead(new LogHead(JOURNAL, 2, 118, "0123456789abcdef".repeat(4))),
            new Frame.AuditHeads(JSON),
            new Frame.Renew(JSON, List.of("nic:b8:59:9f:00:00:01")),
            new Frame.Renewed(JSON))
        .forEach(frame -> frames.put(frame.type(), frame));
    return frames;
  }

  private static Frame key() {
    FrameWriter writer = new FrameWriter(64);
    new SampleEncoder(SCHEMA, 9).encode(4, MOMENT, row(512.125, 0.53), writer);
    return (Frame) Reads.reader(FrameType.KEY).next(writer.written());
  }

  private static Frame delta() {
    FrameWriter writer = new FrameWriter(64);
    SampleEncoder encoder = new SampleEncoder(SCHEMA, 9);
    encoder.encode(4, MOMENT, row(512.125, 0.53), writer);
    writer.clear();
    encoder.encode(
        5,
        new Moment(MOMENT.wallMillis() + 1000, MOMENT.monotonicNanos() + 1_000_000_321L),
        row(511.999, 1.0 / 3),
        writer);
    return (Frame) Reads.reader(FrameType.DELTA).next(writer.written());
  }

  /** The third series is absent. */
  private static Row row(double watts, double load) {
    Row row = new Row(3);
    row.set(0, watts);
    row.set(1, load);
    return row;
  }

  private static byte[] content() {
    Frame.Schema frame = SCHEMA.frame();
    return Deflation.inflate(frame.deflated(), frame.inflatedLength());
  }

  private static String line(String name, byte[] bytes) {
    return name + " " + HexFormat.of().formatHex(bytes) + "\n";
  }
}
