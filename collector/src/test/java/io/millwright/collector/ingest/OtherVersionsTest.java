package io.millwright.collector.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millwright.collector.Collector;
import io.millwright.collector.CollectorOptions;
import io.millwright.collector.fleet.Link;
import io.millwright.collector.trust.DemoTrust;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.GoAwayReason;
import io.millwright.protocol.frames.Moment;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Agents of other versions, byte by byte, at the port of a real collector. PreviousVersionTest of
 * the simulator has the programs themselves.
 */
@SuppressWarnings("NullAway.Init") // set before each test
class OtherVersionsTest {
  /**
   * The HELLO of the golden file of the first version that had one (3d5aec6e): no event journal.
   */
  private static final String FIRST =
      "000000b40100020001000200036e3137000102030405060708090a0b0c0d0e0f11121314151617180005302e312e30"
          + "444a6219ac30886e0bc3b2be0dad17c200000000000000070000000000000064000000000000000900000000"
          + "00000005000001a3185c50000000001cbe991a140100066a6f62732d31f0f1f2f3f4f5f6f7f8f9fafbfcfdfe"
          + "ff000000000000000b000000000000000c000000000000000100000000000000025151515151515151000000"
          + "000000000d";

  /** Where the two versions that it speaks stand in it: length, type, flags, count. */
  private static final int VERSIONS = 4 + 1 + 1 + 1;

  private static final int UNKNOWN_TYPE = 200;

  @TempDir private Path directory;
  private final Clock clock = Clock.system();
  private DemoTrust trust;
  private Collector collector;

  @BeforeEach
  void start() throws IOException {
    trust = DemoTrust.create(directory.resolve("trust"), "test", List.of("n17"), clock);
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    collector =
        new Collector(
            new CollectorOptions(
                any, any, trust.collector(), directory.resolve("data"), Optional.empty(), Set.of()),
            clock);
    collector.start();
  }

  @AfterEach
  void stop() {
    collector.close();
  }

  private static byte[] hello() {
    return HexFormat.of().parseHex(FIRST);
  }

  /** The same with bytes behind the last field that this version knows. */
  private static byte[] appended(byte[] frame, int more) {
    byte[] longer = Arrays.copyOf(frame, frame.length + more);
    Arrays.fill(longer, frame.length, longer.length, (byte) 0x5a);
    ByteBuffer.wrap(longer).putInt(0, longer.length - Integer.BYTES);
    return longer;
  }

  private static byte[] unknown(int length) {
    ByteBuffer frame = ByteBuffer.allocate(4 + 2 + length).putInt(2 + length);
    return frame.put((byte) UNKNOWN_TYPE).put((byte) 0xff).array();
  }

  private static void answers(Peer peer, long number) throws IOException {
    peer.send(new Frame.Ping(number, new Moment(1, 1)));
    while (!(peer.next() instanceof Frame.Pong pong && pong.number() == number)) {
      // another frame
    }
  }

  private Peer peer() throws IOException {
    return new Peer(trust.node("n17"), collector.uplinkPort());
  }

  @Test
  void theHelloOfTheFirstVersionIsWelcomed() throws IOException {
    try (Peer peer = peer()) {
      peer.send(hello());
      Frame.Welcome welcome = (Frame.Welcome) peer.next();
      assertThat(welcome.version()).isEqualTo(1);
      assertThat(welcome.resumeEvent()).as("it tells of no events").isZero();
      answers(peer, 1);
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() ->
              collector
                  .fleet()
                  .node("n17")
                  .filter(node -> node.session() != 0 && node.agentVersion().equals("0.1.0"))
                  .isPresent());
    }
  }

  @Test
  void whatANewerVersionSendsBesidesIsPassedOver() throws IOException {
    byte[] current = appended(hello(), 16 + 2 + 1); // no event journal, no address, no hardware
    Arrays.fill(current, hello().length, current.length, (byte) 0);
    try (Peer peer = peer()) {
      peer.send(appended(current, 300));
      assertThat(((Frame.Welcome) peer.next()).version()).isEqualTo(1);
      peer.send(unknown(0));
      peer.send(unknown(60_000));
      answers(peer, 7);
      assertThat(collector.fleet().node("n17").map(node -> node.link(clock.nanos())))
          .isNotEqualTo(Optional.of(Link.LOST));
    }
  }

  @Test
  void whoSpeaksOnlyLaterVersionsIsToldSo() throws IOException {
    byte[] later = hello();
    ByteBuffer.wrap(later).putShort(VERSIONS, (short) 3).putShort(VERSIONS + 2, (short) 2);
    try (Peer peer = peer()) {
      peer.send(later);
      Frame.GoAway away = peer.goAway();
      assertThat(away.reason()).isEqualTo(GoAwayReason.NO_COMMON_VERSION);
      assertThat(away.detail()).isNotEmpty();
    }
  }

  @Test
  void beforeTheWelcomeAnUnknownFrameIsMalformed() throws IOException {
    try (Peer peer = peer()) {
      peer.send(unknown(8));
      assertThat(peer.goAway().reason()).isEqualTo(GoAwayReason.MALFORMED);
    }
  }
}
