package io.millwright.protocol.frames;

import io.millwright.protocol.vocabulary.LogHead;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Term;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Supplier;

/**
 * Reads the fields of each frame behind its flags. Bytes behind the last field are a newer
 * version's and are left unread.
 */
final class BodyReader {
  static final long NANOS_PER_MILLI = 1_000_000;

  private final int flags;
  private final WireInput in;

  BodyReader(int flags, WireInput in) {
    this.flags = flags;
    this.in = in;
  }

  /**
   * @throws IllegalArgumentException where the bytes are no such frame
   */
  Frame read(FrameType type) {
    return switch (type) {
      case HELLO -> hello();
      case WELCOME -> welcome();
      case SCHEMA -> schema();
      case KEY -> key();
      case DELTA -> delta();
      case EVENT -> event();
      case ACK -> new Frame.Ack(position(), position(), in.i64("event"), in.u16("credits"));
      case PING -> ping();
      case PONG -> new Frame.Pong(in.i64("ping number"), in.i64("pinged"), moment());
      case GOAWAY -> goAway();
      case DESIRED -> new Frame.Desired(flag(Flags.URGENT), desiredHead(), part());
      case APPLIED -> applied();
      case STATUS ->
          new Frame.Status(in.uuid("journal id"), in.i64("status sequence"), body("status body"));
      case STATUS_ACK -> new Frame.StatusAck(in.uuid("journal id"), in.i64("status sequence"));
      case LEASE ->
          new Frame.Lease(term(), in.i64("heartbeat"), in.i64("pinged"), in.u32("lease ms"));
      case READ_OUTPUT -> readOutput();
      case OUTPUT -> output();
      case HEALTH -> new Frame.Health(in.i64("wall ms"), body("health body"));
      case CAP_POWER -> capPower();
      case POWER_CAPPED -> new Frame.PowerCapped(in.i64("order"), body("power body"));
      case CAPTURE -> capture();
      case CAPTURED -> new Frame.Captured(in.i64("order"), body("evidence body"));
      case READ_BUNDLE -> readBundle();
      case BUNDLE -> bundle();
      case INVENTORY -> new Frame.Inventory(body("inventory body"));
      case AUDIT_HEAD -> new Frame.AuditHead(logHead());
      case AUDIT_HEADS -> new Frame.AuditHeads(body("audit heads body"));
      case RENEW -> new Frame.Renew(in.payload("request", Frame.Renew.LONGEST_REQUEST), hardware());
      case RENEWED -> new Frame.Renewed(in.payload("answer", Frame.Renewed.LONGEST_ANSWER));
    };
  }

  private Frame ping() {
    return new Frame.Ping(
        in.i64("ping number"),
        moment(),
        in.remaining() == 0 ? 0 : in.i64("newest status"),
        in.remaining() == 0 ? Hash128.NONE : in.hash("open runs"));
  }

  private LogHead logHead() {
    return new LogHead(
        in.uuid("store"),
        in.i64("generation"),
        in.i64("sequence"),
        HexFormat.of().formatHex(in.payloadOf("hash", Sha256.LENGTH).shared()));
  }

  private Frame capture() {
    return new Frame.Capture(
        in.i64("order"),
        CaptureKind.ofCode(in.u8("what")),
        in.text("test"),
        in.text("reason"),
        in.text("incident"),
        u31("deadline ms"));
  }

  private Frame readBundle() {
    return new Frame.ReadBundle(
        in.i64("question"), in.text("bundle"), in.i64("offset"), u31("most bytes"));
  }

  private Frame bundle() {
    return new Frame.Bundle(
        in.i64("question"), in.i64("offset"), bool("ended"), in.text("refusal"), body("bundle"));
  }

  /** No watts are the device's own default. */
  private Frame capPower() {
    long number = in.i64("order");
    int watts = u31("watts");
    return new Frame.CapPower(
        number,
        watts == 0 ? OptionalInt.empty() : OptionalInt.of(watts),
        listOf(in.u8("devices"), () -> in.text("device")));
  }

  private Frame readOutput() {
    return new Frame.ReadOutput(
        in.i64("question"),
        new RunId(in.text("job"), u31("run")),
        in.i64("offset"),
        u31("most bytes"));
  }

  private Frame output() {
    return new Frame.Output(
        in.i64("question"), in.i64("offset"), bool("ended"), in.text("refusal"), body("output"));
  }

  private Frame hello() {
    return new Frame.Hello(
        listOf(in.u8("versions"), () -> in.u16("version")),
        origin(),
        in.hash("schema hash"),
        new SpoolRange(position(), position()),
        moment(),
        listOf(in.u8("capabilities"), () -> in.text("capability")),
        journal(),
        in.remaining() == 0 ? Frame.Hello.NO_EVENTS : in.uuid("event journal id"),
        in.remaining() == 0 ? "" : in.text("address"),
        in.remaining() == 0 ? List.of() : hardware());
  }

  private List<String> hardware() {
    return listOf(in.u8("hardware"), () -> in.text("hardware"));
  }

  private Origin origin() {
    return new Origin(
        in.text("node"), in.uuid("boot id"), in.i64("incarnation"), in.text("agent version"));
  }

  private JournalHead journal() {
    return new JournalHead(
        in.uuid("journal id"),
        in.i64("newest event"),
        in.i64("newest status"),
        term(),
        in.i64("last applied generation"));
  }

  private Frame welcome() {
    return new Frame.Welcome(
        in.u16("version"),
        in.text("collector id"),
        in.i64("session epoch"),
        position(),
        in.i64("resume event"),
        in.u16("credits"),
        u31("interval ms"),
        bool("need schema"),
        in.i64("wall ms"),
        term());
  }

  private Frame schema() {
    return new Frame.Schema(
        flag(Flags.BACKFILL),
        in.hash("schema hash"),
        u31("schema bytes"),
        in.payload("deflated schema", FrameType.LARGE));
  }

  private Frame key() {
    return new Frame.Key(
        flag(Flags.BACKFILL),
        position(),
        in.u8("block"),
        moment(),
        in.hash("schema hash"),
        body("values"));
  }

  private Frame delta() {
    long sequence = in.i64("sequence");
    int block = in.u8("block");
    long step = in.varint("step");
    long wallMillis = in.zigzag("wall step");
    long monotonicNanos = in.zigzag("monotonic step") + wallMillis * NANOS_PER_MILLI;
    return new Frame.Delta(
        flag(Flags.BACKFILL), sequence, block, step, wallMillis, monotonicNanos, body("changes"));
  }

  private Frame event() {
    return new Frame.Event(
        in.i64("event sequence"), in.i64("wall ms"), in.text("kind"), body("event body"));
  }

  private Frame goAway() {
    return new Frame.GoAway(
        GoAwayReason.ofCode(in.u8("reason")),
        in.text("detail"),
        in.u32("retry after ms"),
        listOf(in.u8("addresses"), () -> in.text("address")));
  }

  private DesiredHead desiredHead() {
    return new DesiredHead(term(), in.i64("generation"), bool("full"), in.i64("base generation"));
  }

  private DesiredPart part() {
    return new DesiredPart(
        in.payloadOf("digest", Sha256.LENGTH),
        u31("size"),
        in.u16("part"),
        in.u16("parts"),
        body("part"));
  }

  private Frame applied() {
    return new Frame.Applied(
        AppliedAnswer.ofCode(in.u8("answer")), term(), in.i64("generation"), body("applied body"));
  }

  private Position position() {
    return new Position(in.i64("incarnation"), in.i64("sequence"));
  }

  private Moment moment() {
    return new Moment(in.i64("wall ms"), in.i64("monotonic ns"));
  }

  private Term term() {
    return new Term(in.i64("term generation"), in.i64("term number"), in.i64("term start"));
  }

  private Payload body(String field) {
    return in.payload(field, Payload.LONGEST_BODY);
  }

  private int u31(String field) {
    return (int) Bounds.between(field, in.u32(field), 0, Integer.MAX_VALUE);
  }

  private boolean bool(String field) {
    return Bounds.between(field, in.u8(field), 0, 1) == 1;
  }

  private boolean flag(int bit) {
    return (flags & bit) != 0;
  }

  /** A count stands in one byte, so a list is of at most 255; its record bounds it further. */
  private static <T> List<T> listOf(int count, Supplier<T> next) {
    List<T> list = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      list.add(next.get());
    }
    return list;
  }
}
