package io.millwright.protocol.frames;

import io.millwright.protocol.tls.JoinAnswer;
import io.millwright.protocol.tls.JoinRequest;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.job.Term;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;

/** Right bytes that are changed: the golden frames and bodies, real schemas and chains. */
final class FuzzSeeds {
  static final Path FRAMES = Path.of("src/test/resources/golden/frames.txt");
  static final Path BODIES = Path.of("src/test/resources/golden/bodies.txt");
  private static final String SECRET = "abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE";
  private static final Accelerator GPU =
      new Accelerator("n17", "0", "GPU-a", "nvidia", "B200", false);

  /** A schema of several scales, and one of two blocks. */
  static final List<SeriesSchema> SCHEMAS =
      List.of(
          SeriesSchema.of(
              List.of(
                  Series.of(Metric.ACCELERATOR_POWER_WATTS, GPU, "module"),
                  Series.of(Metric.NODE_LOAD_AVERAGE, "n17", "1m"),
                  Series.of(Metric.ACCELERATOR_UP, GPU),
                  Series.of(Metric.ACCELERATOR_ENERGY_JOULES_TOTAL, GPU, "gpu"))),
          SeriesSchema.of(
              Collections.nCopies(
                  SeriesSchema.BLOCK + 3, Series.of(Metric.NODE_LOAD_AVERAGE, "n17", "1m"))));

  private FuzzSeeds() {}

  /** A body of JSON and the frame that carries it. */
  record Body(FrameType type, Payload json) {}

  static List<Body> bodies() {
    return lines(BODIES).stream()
        .map(line -> line.split(" ", 2))
        .map(words -> new Body(FrameType.valueOf(words[0]), Payload.ofText(words[1])))
        .toList();
  }

  /** The frames of a body. */
  static byte[] framed(FrameType type, Payload body) {
    return switch (type) {
      case EVENT -> FrameWriter.encode(new Frame.Event(1, 1, "xid", body));
      case APPLIED ->
          FrameWriter.encode(new Frame.Applied(AppliedAnswer.WRITTEN, Term.NONE, 1, body));
      case STATUS -> FrameWriter.encode(new Frame.Status(new UUID(1, 2), 3, body));
      case HEALTH -> FrameWriter.encode(new Frame.Health(1, body));
      case POWER_CAPPED -> FrameWriter.encode(new Frame.PowerCapped(1, body));
      case CAPTURED -> FrameWriter.encode(new Frame.Captured(1, body));
      case AUDIT_HEADS -> FrameWriter.encode(new Frame.AuditHeads(body));
      case INVENTORY -> FrameWriter.encode(new Frame.Inventory(body));
      case DESIRED -> {
        FrameWriter writer = new FrameWriter(256);
        DesiredHead head = DesiredHead.full(Term.NONE, 1);
        DesiredBodies.split(head, body).forEach(writer::write);
        yield bytes(writer);
      }
      case HELLO,
          WELCOME,
          AUDIT_HEAD,
          RENEW,
          RENEWED,
          SCHEMA,
          KEY,
          DELTA,
          ACK,
          PING,
          PONG,
          GOAWAY,
          STATUS_ACK,
          LEASE,
          READ_OUTPUT,
          OUTPUT,
          CAP_POWER,
          CAPTURE,
          READ_BUNDLE,
          BUNDLE ->
          throw new IllegalArgumentException(type + " has no body in JSON");
    };
  }

  /** Whole frames, one or several behind each other. */
  static List<byte[]> frames() {
    List<byte[]> frames = new ArrayList<>();
    lines(FRAMES).stream()
        .map(line -> line.split(" "))
        .filter(words -> !words[0].equals("schema-content"))
        .forEach(words -> frames.add(HexFormat.of().parseHex(words[1])));
    bodies().forEach(body -> frames.add(framed(body.type(), body.json())));
    frames.add(FrameWriter.encode(SCHEMAS.getFirst().frame()));
    frames.add(chain(SCHEMAS.getFirst()));
    return frames;
  }

  /** A KEY and two DELTA. */
  static byte[] chain(SeriesSchema schema) {
    SampleEncoder encoder = new SampleEncoder(schema, 9);
    FrameWriter writer = new FrameWriter(256);
    for (int i = 1; i <= 3; i++) {
      encoder.encode(i, new Moment(i * 1000L, i * 1_000_000_000L), row(schema, i), writer);
    }
    return bytes(writer);
  }

  static Row row(SeriesSchema schema, int number) {
    Row row = new Row(schema.size());
    for (int i = 0; i < schema.size(); i++) {
      if ((i + number) % 4 != 0) {
        row.set(i, number * 512.125 + i / 3.0);
      }
    }
    return row;
  }

  static byte[] content(SeriesSchema schema) {
    Frame.Schema frame = schema.frame();
    return Deflation.inflate(frame.deflated(), frame.inflatedLength());
  }

  /** The SCHEMA of a content, with the right hash; no frame has one without content. */
  static byte[] schema(byte[] given) {
    byte[] content = given.length == 0 ? new byte[1] : given;
    Payload deflated = Deflation.deflate(content, content.length);
    Hash128 hash = Hash128.of(content, content.length);
    return FrameWriter.encode(new Frame.Schema(false, hash, content.length, deflated));
  }

  /** The messages of a join. */
  static List<byte[]> joins() {
    return List.of(
        JoinRequest.of(SECRET, new byte[] {1, 2, 3, 4}).bytes(),
        new JoinAnswer.Refused(JoinAnswer.Reason.TOKEN_USED, "it was used").bytes(),
        utf8("millwright-join-answer 1\ncertificate MIIB\nauthority MIIB\n"));
  }

  static List<byte[]> posts() {
    return List.of(
        utf8("{\"watts\":600,\"devices\":[\"GPU-1\"]}"),
        utf8("{\"reason\":\"a\",\"incident\":\"inc-7\",\"test\":\"nccl\"}"),
        utf8(
            "{\"name\":\"hello\",\"argv\":[\"/bin/true\"],\"env\":{\"A\":\"b\"},\"nodes\":2,"
                + "\"devices\":{\"count\":8},\"time_limit_ms\":60000,\"lease\":\"keep\"}"));
  }

  private static byte[] bytes(FrameWriter writer) {
    ByteBuffer written = writer.written();
    byte[] bytes = new byte[written.remaining()];
    written.get(bytes);
    return bytes;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
