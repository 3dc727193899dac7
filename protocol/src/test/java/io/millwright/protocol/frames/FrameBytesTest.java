package io.millwright.protocol.frames;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Any frame comes back; any other bytes are a frame or a malformed one, and nothing else. */
class FrameBytesTest {
  private static final int ROUNDS = 20_000;

  private static final long SEED = Long.getLong("seed", new Random().nextLong());

  private final Random random = new Random(SEED);

  @BeforeAll
  static void saysItsSeed() {
    System.out.println("FrameBytesTest -Dseed=" + SEED);
  }

  @Test
  void comesBackAsItWasSent() {
    RandomFrames frames = new RandomFrames(SEED);
    for (int i = 0; i < ROUNDS; i++) {
      Frame frame = frames.next();
      assertThat(Reads.frame(FrameWriter.encode(frame), frame.type()))
          .as("-Dseed=%d", SEED)
          .isEqualTo(frame);
    }
  }

  @Test
  void readsAStreamInAnyPieces() {
    RandomFrames frames = new RandomFrames(SEED);
    FrameWriter writer = new FrameWriter(1);
    List<Frame> sent =
        Arrays.stream(FrameType.values())
            .filter(type -> type.follows() && type.comesFrom(Side.AGENT))
            .map(frames::of)
            .toList();
    sent.forEach(writer::write);
    FrameReader reader = new FrameReader(Side.AGENT);
    reader.open();
    ByteBuffer received = writer.written();
    received.limit(0);
    for (Frame frame : sent) {
      Inbound next = reader.next(received);
      while (next instanceof Incomplete(int bytes)) {
        assertThat(received.remaining()).isLessThan(bytes);
        received.limit(received.limit() + 1);
        next = reader.next(received);
      }
      assertThat(next).as("-Dseed=%d", SEED).isEqualTo(frame);
    }
    assertThat(received.position()).isEqualTo(writer.length());
  }

  @Test
  void anythingElseIsMalformedAndNoOtherException() {
    RandomFrames frames = new RandomFrames(SEED);
    int malformed = 0;
    int good = 0;
    for (int i = 0; i < ROUNDS; i++) {
      Frame frame = frames.next();
      byte[] bytes = damaged(FrameWriter.encode(frame));
      switch (Reads.frame(bytes, frame.type())) {
        case MalformedFrame(String reason) -> {
          malformed++;
          assertThat(reason).as("-Dseed=%d", SEED).isNotBlank().doesNotContain("null");
        }
        case Frame other -> {
          good++;
          roundTrip(other);
        }
        case UnknownFrame _, Incomplete _ -> good++;
      }
    }
    assertThat(malformed).isGreaterThan(ROUNDS / 20);
    assertThat(good).isGreaterThan(ROUNDS / 20);
  }

  /** What was let in can be sent on: its fields are within their bounds. */
  private void roundTrip(Frame frame) {
    assertThat(Reads.frame(FrameWriter.encode(frame), frame.type()))
        .as("-Dseed=%d", SEED)
        .isEqualTo(frame);
  }

  private byte[] damaged(byte[] bytes) {
    return switch (random.nextInt(3)) {
      case 0 -> flipped(bytes);
      case 1 -> cut(bytes);
      default -> noise(bytes);
    };
  }

  private byte[] flipped(byte[] bytes) {
    for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
      bytes[random.nextInt(Math.min(bytes.length, 200))] ^= (byte) (1 << random.nextInt(8));
    }
    return bytes;
  }

  /** Shorter, with a length that says so. */
  private byte[] cut(byte[] bytes) {
    byte[] shorter = Arrays.copyOf(bytes, 6 + random.nextInt(bytes.length - 5));
    ByteBuffer.wrap(shorter).putInt(shorter.length - 4);
    return shorter;
  }

  /** Type and length are right, the rest is random. */
  private byte[] noise(byte[] bytes) {
    byte[] random = new byte[bytes.length];
    this.random.nextBytes(random);
    System.arraycopy(bytes, 0, random, 0, 5);
    return random;
  }

  @Test
  void allocatesNoMoreThanWasReceived() {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    FrameReader reader = new FrameReader(Side.AGENT);
    reader.open();
    byte[] bytes = new byte[2_000];
    for (int i = -ROUNDS / 4; i < ROUNDS; i++) {
      random.nextBytes(bytes);
      ByteBuffer.wrap(bytes).putInt(bytes.length - 4).put((byte) (3 + random.nextInt(18)));
      hugeLengths(bytes);
      long before = threads.getCurrentThreadAllocatedBytes();
      reader.next(ByteBuffer.wrap(bytes));
      long allocated = threads.getCurrentThreadAllocatedBytes() - before;
      assertThat(i < 0 ? 0 : allocated)
          .as("once the classes are loaded, -Dseed=%d", SEED)
          .isLessThan(40_000);
    }
  }

  /** Where lengths and counts may stand: beyond the bound, or within it and not there. */
  private void hugeLengths(byte[] bytes) {
    int at = 6 + random.nextInt(100);
    int length = random.nextBoolean() ? -1 : 50_000 + random.nextInt(10_000);
    ByteBuffer.wrap(bytes).putInt(at, length);
  }

  @Test
  void allocatesNothingForABodyThatIsNotThere() {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    byte[] bytes = FrameWriter.encode(new Frame.Status(new UUID(1, 2), 1, Payload.EMPTY));
    ByteBuffer.wrap(bytes).putInt(bytes.length - 4, 60_000);
    Reads.frame(bytes, FrameType.STATUS);
    long before = threads.getCurrentThreadAllocatedBytes();
    Inbound read = Reads.frame(bytes, FrameType.STATUS);
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(40_000);
    assertThat(read)
        .isEqualTo(new MalformedFrame("STATUS: status body: 60000 bytes are wanted, 0 are left"));
  }

  @ParameterizedTest
  @EnumSource(FrameType.class)
  void ignoresWhatANewerVersionAppends(FrameType type) {
    Frame frame = whole(new RandomFrames(SEED).of(type));
    byte[] bytes = FrameWriter.encode(frame);
    byte[] longer = Arrays.copyOf(bytes, bytes.length + 10);
    Arrays.fill(longer, bytes.length, longer.length, (byte) 0x7f);
    ByteBuffer.wrap(longer).putInt(longer.length - 4);
    assertThat(Reads.frame(longer, type)).as("-Dseed=%d", SEED).isEqualTo(frame);
  }

  /** A newer version has all that this one has: what it appends stands behind that. */
  private static Frame whole(Frame frame) {
    return frame instanceof Frame.Ping ping
        ? new Frame.Ping(ping.number(), ping.sent(), 1, Hash128.NONE)
        : frame;
  }

  @ParameterizedTest
  @EnumSource(FrameType.class)
  void ignoresFlagsItDoesNotKnow(FrameType type) {
    Frame frame = new RandomFrames(SEED).of(type);
    byte[] bytes = FrameWriter.encode(frame);
    bytes[5] |= (byte) 0xfc;
    assertThat(Reads.frame(bytes, type)).as("-Dseed=%d", SEED).isEqualTo(frame);
  }

  @ParameterizedTest
  @EnumSource(FrameType.class)
  void refusesALengthBeyondTheTypesBeforeItIsThere(FrameType type) {
    FrameReader reader = Reads.reader(type);
    int longest = type.follows() ? type.longest() : FrameType.SHORT;
    assertThat(reader.next(head(longest, type.code()))).isEqualTo(new Incomplete(longest + 4));
    assertThat(reader.next(head(longest + 1, type.code()))).isInstanceOf(MalformedFrame.class);
    assertThat(reader.next(head(-1, type.code()))).isInstanceOf(MalformedFrame.class);
    assertThat(reader.next(head(1, type.code()))).isInstanceOf(MalformedFrame.class);
  }

  @ParameterizedTest
  @EnumSource(FrameType.class)
  void letsOnlyWhatOpensInBeforeTheSessionIsOpen(FrameType type) {
    byte[] bytes = FrameWriter.encode(small(type));
    for (Side side : Side.values()) {
      Inbound early = new FrameReader(side).next(ByteBuffer.wrap(bytes));
      assertThat(early instanceof Frame).isEqualTo(type.opens() && type.comesFrom(side));
      FrameReader open = new FrameReader(side);
      open.open();
      Inbound late = open.next(ByteBuffer.wrap(bytes));
      assertThat(late instanceof Frame).isEqualTo(type.follows() && type.comesFrom(side));
    }
  }

  private Frame small(FrameType type) {
    RandomFrames frames = new RandomFrames(SEED);
    Frame frame = frames.of(type);
    while (FrameWriter.encode(frame).length > FrameType.SHORT) {
      frame = frames.of(type);
    }
    return frame;
  }

  @Test
  void holdsBackWithLongFramesUntilTheSessionIsOpen() {
    FrameReader reader = new FrameReader(Side.AGENT);
    assertThat(reader.next(head(FrameType.SHORT + 1, FrameType.SCHEMA.code())))
        .isInstanceOf(MalformedFrame.class);
    reader.open();
    assertThat(reader.next(head(FrameType.SHORT + 1, FrameType.SCHEMA.code())))
        .isInstanceOf(Incomplete.class);
  }

  @Test
  void passesOverATypeOfANewerVersion() {
    FrameReader reader = new FrameReader(Side.COLLECTOR);
    ByteBuffer bytes = ByteBuffer.allocate(12).putInt(8).put((byte) 200).rewind();
    assertThat(reader.next(bytes.duplicate())).isInstanceOf(MalformedFrame.class);
    reader.open();
    assertThat(reader.next(bytes)).isEqualTo(new UnknownFrame(200));
    assertThat(bytes.hasRemaining()).isFalse();
  }

  @Test
  void theLongestHelloFitsBeforeTheSessionIsOpen() {
    Frame.Hello hello = (Frame.Hello) new RandomFrames(SEED).of(FrameType.HELLO);
    Frame longest =
        new Frame.Hello(
            Collections.nCopies(16, 1),
            new Origin("n".repeat(253), hello.origin().bootId(), 1, "v".repeat(64)),
            hello.schema(),
            hello.spool(),
            hello.sent(),
            Collections.nCopies(32, "c".repeat(64)),
            hello.journal(),
            hello.events(),
            "a".repeat(64),
            Collections.nCopies(16, "h".repeat(64)));
    assertThat(FrameWriter.encode(longest)).hasSizeLessThanOrEqualTo(FrameType.SHORT);
  }

  /** Of agents before events, before addresses, before hardware, and of a later one. */
  @Test
  void readsTheHelloOfOtherVersions() {
    Frame.Hello random = (Frame.Hello) new RandomFrames(SEED).of(FrameType.HELLO);
    Frame.Hello hello =
        new Frame.Hello(
            random.versions(),
            random.origin(),
            random.schema(),
            random.spool(),
            random.sent(),
            random.capabilities(),
            random.journal(),
            new UUID(1, 2),
            "10.0.0.7",
            List.of("nic:1"));
    assertThat(Reads.frame(cut(hello, 0), FrameType.HELLO)).isEqualTo(hello);
    Frame.Hello unknown = (Frame.Hello) Reads.frame(cut(hello, 8), FrameType.HELLO);
    assertThat(unknown.address()).isEqualTo(hello.address());
    assertThat(unknown.hardware()).isEmpty();
    Frame.Hello untold = (Frame.Hello) Reads.frame(cut(hello, 18), FrameType.HELLO);
    assertThat(untold.events()).isEqualTo(hello.events());
    assertThat(untold.address()).isEmpty();
    Frame.Hello before = (Frame.Hello) Reads.frame(cut(hello, 34), FrameType.HELLO);
    assertThat(before.events()).isEqualTo(Frame.Hello.NO_EVENTS);
    assertThat(before.address()).isEmpty();
    assertThat(Reads.frame(cut(hello, -3), FrameType.HELLO)).isEqualTo(hello);
    assertThat(Reads.frame(cut(hello, 1), FrameType.HELLO)).isInstanceOf(MalformedFrame.class);
  }

  /** The frame without so many bytes of its end, or with more. */
  private static byte[] cut(Frame frame, int bytes) {
    byte[] whole = FrameWriter.encode(frame);
    byte[] cut = Arrays.copyOf(whole, whole.length - bytes);
    ByteBuffer.wrap(cut).putInt(cut.length - 4);
    return cut;
  }

  @Test
  void refusesControlCharactersAndSaysWhere() {
    byte[] bytes = FrameWriter.encode(new Frame.Event(1, 1, "xid", Payload.EMPTY));
    bytes[6 + 16 + 2] = '\n';
    assertThat(Reads.frame(bytes, FrameType.EVENT))
        .isEqualTo(
            new MalformedFrame(
                "EVENT: kind: '?id' is refused; allowed is text without control characters"));
    assertThatThrownBy(() -> new Frame.Event(1, 1, "", Payload.EMPTY))
        .hasMessageContaining("kind: '' is refused");
    assertThatThrownBy(() -> new Frame.Event(0, 1, "xid", Payload.EMPTY))
        .hasMessageContaining("event sequence: '0' is refused");
    assertThatThrownBy(() -> new Frame.Event(1, 1, "\ud800", Payload.EMPTY))
        .hasMessageContaining("UTF-8");
  }

  @Test
  void refusesTextThatIsNoUtf8() {
    byte[] bytes = FrameWriter.encode(new Frame.Event(1, 1, "xid", Payload.EMPTY));
    bytes[6 + 16 + 2] = (byte) 0xc0;
    assertThat(Reads.frame(bytes, FrameType.EVENT))
        .isEqualTo(new MalformedFrame("EVENT: kind: these bytes are no UTF-8"));
  }

  @Test
  void marksSpooledBytesAsBackfill() {
    Frame.Delta delta = new Frame.Delta(false, 5, 0, 1, 1000, 1_000_000_000, Payload.EMPTY);
    byte[] bytes = FrameWriter.encode(delta);
    FrameWriter.markBackfill(ByteBuffer.wrap(bytes));
    assertThat(Reads.frame(bytes, FrameType.DELTA))
        .isEqualTo(new Frame.Delta(true, 5, 0, 1, 1000, 1_000_000_000, Payload.EMPTY));
  }

  @Test
  void agreesOnTheHighestVersionOfBoth() {
    assertThat(ProtocolVersion.common(List.of(3, 2, 1))).hasValue(1);
    assertThat(ProtocolVersion.common(List.of(2))).isEmpty();
  }

  private static ByteBuffer head(int length, int code) {
    return ByteBuffer.allocate(6).putInt(length).put((byte) code).rewind();
  }
}
