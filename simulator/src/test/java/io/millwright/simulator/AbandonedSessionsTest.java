package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.collector.trust.DemoTrust;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.FrameWriter;
import io.millwright.protocol.frames.Hash128;
import io.millwright.protocol.frames.JournalHead;
import io.millwright.protocol.frames.Moment;
import io.millwright.protocol.frames.Origin;
import io.millwright.protocol.frames.Position;
import io.millwright.protocol.frames.ProtocolVersion;
import io.millwright.protocol.frames.SpoolRange;
import io.millwright.protocol.tls.Credentials;
import io.millwright.protocol.tls.MutualTls;
import io.millwright.protocol.vocabulary.job.Term;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Connections to a collector's process that come to nothing, in each way: of none of them something
 * stays. Two hundred, and with {@code -Dlong=yes} ten thousand ({@code -Dabandoned=N} for another
 * number), among them such as only the collector's deadlines end.
 */
class AbandonedSessionsTest {
  private static final boolean LONG = "yes".equals(System.getProperty("long"));
  private static final int ALL = Integer.getInteger("abandoned", LONG ? 10_000 : 200);

  /** So many stand open at a time, fewer than the collector has room for at its door. */
  private static final int HALF_OPEN = 100;

  /** What a session is made of in the collector. */
  private static final List<String> PARTS =
      List.of(
          "io.millwright.collector.ingest.Session",
          "io.netty.handler.ssl.SslHandler",
          "sun.security.ssl.SSLEngineImpl");

  @TempDir private Path directory = Path.of("");

  /** One way to leave. */
  private interface Way {
    void go() throws IOException;
  }

  private static Socket connected(JobSite site) throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), site.uplinkPort());
  }

  /** Ends by RST, without a word. */
  private static void reset(Socket socket) throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  private static Frame.Hello hello(String node) {
    return new Frame.Hello(
        ProtocolVersion.SUPPORTED,
        new Origin(node, new UUID(1, 1), 7, "0.1"),
        Hash128.NONE,
        new SpoolRange(Position.NONE, Position.NONE),
        new Moment(1, 1),
        List.of("jobs"),
        new JournalHead(new UUID(1, 2), 0, 0, Term.NONE, 0));
  }

  private static void say(Socket socket, byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  /** Whoever is cut off before it has said all is no matter here. */
  private static void tried(Way way) {
    try {
      way.go();
    } catch (IOException cutOff) {
      assertThat(cutOff).isNotInstanceOf(ConnectException.class);
    }
  }

  @Test
  void nothingStaysOfSessionsThatComeToNothing() throws Exception {
    DemoTrust strangers =
        DemoTrust.create(directory.resolve("strangers"), "test", List.of("n1"), Clock.system());
    try (JobSite site = JobSite.of("n1", "n2")) {
      site.awaitCollector();
      MutualTls own = new MutualTls(Credentials.read(site.credentials("n1")), Clock.system());
      MutualTls foreign = new MutualTls(Credentials.read(strangers.node("n1")), Clock.system());
      byte[] hello = FrameWriter.encode(hello("n1"));
      byte[] rubbish = "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
      byte[] beginning = {22, 3, 1, 0x40, 0, 1, 0};
      byte[] half = {0, 0, 1, 0, 8, 0, 1};
      List<Way> ways =
          List.of(
              () -> connected(site).close(),
              () -> reset(connected(site)),
              () -> {
                Socket socket = connected(site);
                say(socket, beginning);
                reset(socket);
              },
              () -> {
                try (Socket socket = connected(site)) {
                  say(socket, rubbish);
                }
              },
              () -> {
                try (Socket socket = foreign.connect("127.0.0.1", site.uplinkPort())) {
                  say(socket, hello);
                }
              },
              () -> own.connect("127.0.0.1", site.uplinkPort()).close(),
              () -> {
                try (Socket socket = own.connect("127.0.0.1", site.uplinkPort())) {
                  say(socket, FrameWriter.encode(hello("n2")));
                }
              },
              () -> {
                try (Socket socket = own.connect("127.0.0.1", site.uplinkPort())) {
                  say(socket, hello);
                  assertThat(socket.getInputStream().read()).isNotNegative();
                }
              },
              () -> {
                Socket socket = own.connect("127.0.0.1", site.uplinkPort());
                say(socket, hello);
                say(socket, half);
                reset(socket);
              });
      ways.forEach(AbandonedSessionsTest::tried); // what is made once is made
      Footprint before = settled(site, new Footprint(Map.of(), 0, 1 << 20, 0));
      for (int i = 0; i < ALL; i++) {
        tried(ways.get(i % ways.size()));
        if (LONG && i % 2_000 == 0) {
          leaveOpen(site, own, i % 4_000 == 0);
        }
      }
      Footprint after = settled(site, before);
      System.out.printf(
          "%d sessions: descriptors %d, then %d; direct buffers %d, then %d; live heap %d KiB, then"
              + " %d; resident %d MiB, then %d%n",
          ALL,
          before.descriptors(),
          after.descriptors(),
          before.instances("java.nio.DirectByteBuffer"),
          after.instances("java.nio.DirectByteBuffer"),
          before.liveBytes() >> 10,
          after.liveBytes() >> 10,
          before.residentBytes() >> 20,
          after.residentBytes() >> 20);
      assertThat(site.said()).doesNotContain("OutOfMemoryError").doesNotContain("LEAK:");
    }
  }

  /** Peers that are there no more: nothing tells the collector but its own deadlines. */
  private static void leaveOpen(JobSite site, MutualTls own, boolean greeted) throws IOException {
    List<Socket> open = new ArrayList<>();
    for (int i = 0; i < (greeted ? 1 : HALF_OPEN); i++) {
      Socket socket = greeted ? own.connect("127.0.0.1", site.uplinkPort()) : connected(site);
      open.add(socket);
      if (greeted) {
        say(socket, FrameWriter.encode(hello("n1")));
      }
    }
    for (Socket socket : open) {
      socket.setSoTimeout(60_000);
      tried(() -> socket.getInputStream().readAllBytes()); // it is the collector that ends it
      socket.close();
    }
  }

  /** Waits until nothing is left of a session, and no more than before of all else. */
  private static Footprint settled(JobSite site, Footprint before) {
    Footprint[] seen = {before};
    AgentProcess.within(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(100))
        .untilAsserted(() -> {
          assertThat(site.json("/v1/fleet").path("nodes_connected").asInt()).isZero();
          assertThat(site.value("millwright_collector_queue_length{queue=\"ungreeted\"}")).isZero();
          assertThat(Footprint.descriptors(site.collectorPid()))
              .isLessThanOrEqualTo(before.descriptors());
          seen[0] = Footprint.of(site.collectorPid());
          for (String part : PARTS) {
            assertThat(seen[0].instances(part)).as(part).isZero();
          }
          if (before.liveBytes() > 0) {
            assertThat(seen[0].instances("java.nio.DirectByteBuffer"))
                .as("direct memory")
                .isLessThanOrEqualTo(before.instances("java.nio.DirectByteBuffer") + 8);
          }
        });
    return seen[0];
  }
}
