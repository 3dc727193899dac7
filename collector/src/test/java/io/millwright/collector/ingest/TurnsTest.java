package io.millwright.collector.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.FrameReader;
import io.millwright.protocol.frames.FrameWriter;
import io.millwright.protocol.frames.Hash128;
import io.millwright.protocol.frames.JournalHead;
import io.millwright.protocol.frames.Moment;
import io.millwright.protocol.frames.Origin;
import io.millwright.protocol.frames.Position;
import io.millwright.protocol.frames.ProtocolVersion;
import io.millwright.protocol.frames.Side;
import io.millwright.protocol.frames.SpoolRange;
import io.millwright.protocol.vocabulary.job.Term;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class TurnsTest {
  private final Turns<Integer> turns = new Turns<>();
  private final List<Integer> turned = new ArrayList<>();

  private List<Integer> second() {
    turned.clear();
    for (int i = 0; i < Turns.SHARES; i++) {
      turns.turn(turned::add);
    }
    return turned;
  }

  @Test
  void eachConnectionHasItsTurnOnceASecond() {
    List<Integer> shares = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      shares.add(turns.add(i));
    }
    assertThat(second()).hasSize(50).doesNotHaveDuplicates();
    turns.remove(7, shares.get(7));
    assertThat(second()).hasSize(49).doesNotContain(7);
  }

  @Test
  void noShareHasMoreThanItsPart() {
    for (int i = 0; i < 50; i++) {
      turns.add(i);
    }
    for (int i = 0; i < Turns.SHARES; i++) {
      turned.clear();
      turns.turn(turned::add);
      assertThat(turned).hasSizeBetween(50 / Turns.SHARES, 1 + 50 / Turns.SHARES);
    }
  }

  /** As a session does whose peer is silent. */
  @Test
  void oneMayGoByItsOwnTurn() {
    int share = turns.add(1);
    turns.add(2);
    for (int i = 0; i < Turns.SHARES; i++) {
      turns.turn(one -> {
        turned.add(one);
        if (one == 1) {
          turns.remove(one, share);
        }
      });
    }
    assertThat(turned).containsExactlyInAnyOrder(1, 2);
    assertThat(second()).containsExactly(2);
  }

  @Test
  void whoEndsAnotherLeavesNoneOut() {
    List<Integer> shares = new ArrayList<>();
    for (int i = 0; i < 3 * Turns.SHARES; i++) {
      shares.add(turns.add(i));
    }
    int first = shares.indexOf(0); // in share 0 with two that came later
    for (int i = 0; i < Turns.SHARES; i++) {
      turns.turn(one -> {
        turned.add(one);
        if (one == first + 2 * Turns.SHARES) {
          turns.remove(first, 0);
        }
      });
    }
    assertThat(turned)
        .containsAll(IntStream.range(0, shares.size()).filter(i -> i != first).boxed().toList());
    assertThat(second()).doesNotContain(first).hasSize(shares.size() - 1).doesNotHaveDuplicates();
  }

  /** Time as the test sets it, which cannot be told from when it says so. */
  private static final class Broken implements Clock {
    private boolean broken;
    private int asked;
    private long nanos = 1;

    @Override
    public long nanos() {
      asked++;
      if (broken) {
        throw new StackOverflowError("as of a deep message");
      }
      return nanos;
    }

    @Override
    public Instant wall() {
      return Instant.EPOCH;
    }

    @Override
    public void parkUntil(long until) {}
  }

  /** What comes out of a task that is repeated ends it, and with it the time of all sessions. */
  @Test
  void anErrorOfOneSessionEndsThatSessionAlone() {
    Broken clock = new Broken();
    Session session = session(clock);
    EmbeddedChannel channel = new EmbeddedChannel(session);
    session.turned();
    assertThat(channel.isOpen()).isTrue();
    clock.broken = true;
    session.turned();
    assertThat(channel.isOpen()).isFalse();
    int asked = clock.asked;
    session.turned();
    assertThat(clock.asked).as("it has no more turns").isEqualTo(asked);
  }

  private static Session session(Clock clock) {
    return new Session(
        new IngestOptions(
            new InetSocketAddress(0),
            "collector",
            "test",
            new Term(1, 2, 3),
            Duration.ofSeconds(1)),
        Optional.empty(),
        new Sessions(),
        new Turns<>(),
        new Ingested(fact -> {}, told -> {}, () -> 0),
        clock);
  }

  private static ByteBuf bytes(Frame frame) {
    return Unpooled.wrappedBuffer(FrameWriter.encode(frame));
  }

  private static final Frame HELLO =
      new Frame.Hello(
          ProtocolVersion.SUPPORTED,
          new Origin("n1", new UUID(0, 1), 7, "0.1"),
          Hash128.NONE,
          new SpoolRange(Position.NONE, Position.NONE),
          new Moment(1, 1),
          List.of(),
          new JournalHead(new UUID(1, 2), 0, 0, Term.NONE, 0),
          Frame.Hello.NO_EVENTS);

  /** What one write holds. */
  private static List<String> written(EmbeddedChannel channel, FrameReader reader) {
    List<String> frames = new ArrayList<>();
    ByteBuf write = channel.readOutbound();
    if (write != null) {
      ByteBuffer left = write.nioBuffer();
      while (reader.next(left) instanceof Frame frame) {
        if (frame instanceof Frame.Welcome) {
          reader.open();
        }
        frames.add(frame.getClass().getSimpleName());
      }
      write.release();
    }
    return frames;
  }

  /** Of ten thousand sessions each write counts, and each look at what is in no cache. */
  @Test
  void aPingThatIsSoonDueGoesWithTheAnswerAndTheTurnWithWhatComes() {
    Broken clock = new Broken();
    Session session = session(clock);
    EmbeddedChannel channel = new EmbeddedChannel(session);
    FrameReader reader = new FrameReader(Side.COLLECTOR);
    channel.writeInbound(bytes(HELLO));
    assertThat(written(channel, reader)).containsExactly("Welcome");
    assertThat(written(channel, reader)).containsExactly("Ping");
    clock.nanos += Duration.ofSeconds(3).toNanos();
    channel.writeInbound(bytes(new Frame.Ping(1, new Moment(2, 2))));
    assertThat(written(channel, reader)).as("not yet").containsExactly("Pong");
    clock.nanos += Duration.ofMillis(1_500).toNanos();
    channel.writeInbound(bytes(new Frame.Ping(2, new Moment(3, 3))));
    assertThat(written(channel, reader)).containsExactly("Pong", "Ping");
    clock.nanos += Duration.ofMillis(4_950).toNanos();
    session.turned();
    assertThat(written(channel, reader)).as("not due").isEmpty();
    clock.nanos += Duration.ofMillis(100).toNanos();
    session.turned();
    assertThat(written(channel, reader)).as("it took its turn a moment ago").isEmpty();
    clock.nanos += Duration.ofMillis(900).toNanos();
    channel.writeInbound(bytes(new Frame.Pong(2, 1, new Moment(4, 4))));
    assertThat(written(channel, reader)).as("without the timer").containsExactly("Ping");
    channel.finishAndReleaseAll();
  }
}
