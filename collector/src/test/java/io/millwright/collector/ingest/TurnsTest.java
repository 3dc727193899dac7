package io.millwright.collector.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.job.Term;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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

  /** Time that cannot be told, from when the test says so. */
  private static final class Broken implements Clock {
    private boolean broken;
    private int asked;

    @Override
    public long nanos() {
      asked++;
      if (broken) {
        throw new StackOverflowError("as of a deep message");
      }
      return 1;
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
    Session session =
        new Session(
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
    EmbeddedChannel channel = new EmbeddedChannel(session);
    ChannelHandlerContext ctx = channel.pipeline().context(session);
    Session.turned(ctx);
    assertThat(channel.isOpen()).isTrue();
    clock.broken = true;
    Session.turned(ctx);
    assertThat(channel.isOpen()).isFalse();
    int asked = clock.asked;
    Session.turned(ctx);
    assertThat(clock.asked).as("it has no more turns").isEqualTo(asked);
  }
}
