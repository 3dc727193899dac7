package io.millwright.collector.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millwright.collector.downlink.Heartbeat;
import io.millwright.collector.downlink.Line;
import io.millwright.collector.downlink.Told;
import io.millwright.collector.fleet.Fact;
import io.millwright.collector.trust.DemoTrust;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.FrameType;
import io.millwright.protocol.frames.FrameWriter;
import io.millwright.protocol.frames.GoAwayReason;
import io.millwright.protocol.frames.Hash128;
import io.millwright.protocol.frames.JournalHead;
import io.millwright.protocol.frames.Moment;
import io.millwright.protocol.frames.Origin;
import io.millwright.protocol.frames.Payload;
import io.millwright.protocol.frames.Position;
import io.millwright.protocol.frames.ProtocolVersion;
import io.millwright.protocol.frames.SpoolRange;
import io.millwright.protocol.tls.Credentials;
import io.millwright.protocol.tls.MutualTls;
import io.millwright.protocol.tls.Refusal;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.Verdict;
import io.millwright.protocol.vocabulary.job.Term;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.Deflater;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The agents' port over real sockets; the agent is bytes that this test writes. */
@SuppressWarnings("NullAway.Init") // set before each test
class IngestServerTest {
  private static final String SITE = "test";

  /** That the kernel's queue gives at a time. */
  private static final int A_FEW = 16;

  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir private Path directory;
  private final Clock clock = Clock.system();
  private final Queue<Fact> facts = new ConcurrentLinkedQueue<>();
  private final Queue<Told> told = new ConcurrentLinkedQueue<>();
  private DemoTrust trust;
  private Ingested ingested;
  private IngestServer server;

  @BeforeEach
  void start() throws IOException {
    trust = DemoTrust.create(directory.resolve("trust"), SITE, List.of("node1", "node2"), clock);
    ingested = new Ingested(facts::add, told::add, () -> 0);
    server =
        new IngestServer(
            new IngestOptions(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                "collector",
                SITE,
                new Term(1, 2, 3),
                Duration.ofSeconds(1)),
            new MutualTls(Credentials.read(trust.collector()), clock),
            ingested,
            clock);
    server.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static Frame.Hello hello(String node) {
    return new Frame.Hello(
        ProtocolVersion.SUPPORTED,
        new Origin(node, UUID.randomUUID(), 7, "0.1"),
        Hash128.NONE,
        new SpoolRange(Position.NONE, Position.NONE),
        new Moment(1, 1),
        List.of("jobs"),
        new JournalHead(new UUID(1, 2), 0, 5, Term.NONE, 0));
  }

  private static Frame.Hello hello(UUID boot, long monotonicNanos) {
    Frame.Hello usual = hello("node1");
    return new Frame.Hello(
        usual.versions(),
        new Origin("node1", boot, monotonicNanos, "0.1"),
        usual.schema(),
        usual.spool(),
        new Moment(1, monotonicNanos),
        usual.capabilities(),
        usual.journal());
  }

  private Peer as(String node) throws IOException {
    return new Peer(trust.node(node), server.port());
  }

  private Peer open(String node) throws IOException {
    Peer peer = as(node);
    peer.send(hello(node));
    assertThat(peer.next()).isInstanceOf(Frame.Welcome.class);
    return peer;
  }

  private static void answers(Peer peer) throws IOException {
    peer.send(new Frame.Ping(1, new Moment(1, 1)));
    assertThat(peer.next()).isInstanceOf(Frame.Pong.class);
  }

  @Test
  void aNodeIsWelcomed() throws IOException {
    try (Peer peer = as("node1")) {
      peer.send(hello("node1"));
      Frame.Welcome welcome = (Frame.Welcome) peer.next();
      assertThat(welcome.needSchema()).isTrue();
      assertThat(welcome.term()).isEqualTo(new Term(1, 2, 3));
      answers(peer);
      assertThat(facts).hasSize(1).allMatch(fact -> fact instanceof Fact.Connected);
      Told.Opened opened = (Told.Opened) told.element();
      assertThat(opened.capabilities()).containsExactly("jobs");
      assertThat(opened.journal().newestStatus()).isEqualTo(5);
      assertThat(opened.address()).as("whence the session comes").isEqualTo("127.0.0.1");
    }
  }

  /** An agent without runs says so as often as it likes, and nothing is kept anew. */
  @Test
  void whatAHeartbeatSaysOfRunsIsKept() throws IOException {
    try (Peer peer = open("node1")) {
      answers(peer);
      Line line = ((Told.Opened) told.element()).line();
      assertThat(line.heartbeat()).isSameAs(Heartbeat.NONE);
      Hash128 runs = new Hash128(1, 2);
      beats(peer, new Frame.Ping(2, new Moment(1, 1), 7, runs));
      assertThat(line.heartbeat()).isEqualTo(new Heartbeat(2, 7, runs));
      beats(peer, new Frame.Ping(3, new Moment(1, 1), 7, runs));
      assertThat(line.heartbeat()).isEqualTo(new Heartbeat(3, 7, runs));
      beats(peer, new Frame.Ping(4, new Moment(1, 1), 9, Hash128.NONE));
      beats(peer, new Frame.Ping(5, new Moment(1, 1), 9, Hash128.NONE));
      Heartbeat twice = line.heartbeat();
      assertThat(twice).isEqualTo(new Heartbeat(5, 9, Hash128.NONE));
      beats(peer, new Frame.Ping(6, new Moment(1, 1), 9, Hash128.NONE));
      assertThat(line.heartbeat()).isSameAs(twice);
    }
  }

  private static void beats(Peer peer, Frame.Ping ping) throws IOException {
    peer.send(ping);
    assertThat(peer.next()).isInstanceOf(Frame.Pong.class);
  }

  @Test
  void whatTheSiteSaysOfANodesAddressGoesBeforeWhatIsSeen() throws IOException {
    try (Peer peer = as("node1")) {
      Frame.Hello hello = hello("node1");
      peer.send(
          new Frame.Hello(
              hello.versions(),
              hello.origin(),
              hello.schema(),
              hello.spool(),
              hello.sent(),
              hello.capabilities(),
              hello.journal(),
              hello.events(),
              "10.20.0.7"));
      assertThat(peer.next()).isInstanceOf(Frame.Welcome.class);
      answers(peer);
      assertThat(((Told.Opened) told.element()).address()).isEqualTo("10.20.0.7");
    }
  }

  @Test
  void anotherNodesNameIsRefusedWithASentence() throws IOException {
    try (Peer peer = as("node1")) {
      peer.send(hello("node2"));
      Frame.GoAway away = peer.goAway();
      assertThat(away.reason()).isEqualTo(GoAwayReason.REFUSED);
      assertThat(away.detail()).contains("node1").contains("node2");
      assertThat(facts).isEmpty();
    }
  }

  @Test
  void anOperatorsCertificateIsRefusedWithASentence() throws IOException {
    try (Peer peer = new Peer(trust.admin(), server.port())) {
      Frame.GoAway away = peer.goAway();
      assertThat(away.reason()).isEqualTo(GoAwayReason.REFUSED);
      assertThat(away.detail()).contains("operator");
    }
  }

  @Test
  void theNewerSessionOfANodeReplacesTheOlder() throws IOException {
    try (Peer older = open("node1");
        Peer newer = open("node1")) {
      assertThat(older.goAway().reason()).isEqualTo(GoAwayReason.REPLACED);
      answers(newer);
    }
  }

  /** As of an agent that was killed, whose first words a network that mends delivers last. */
  @Test
  void aHelloThatIsOlderThanTheOpenSessionsOpensNone() throws IOException {
    UUID boot = UUID.randomUUID();
    try (Peer newer = as("node1");
        Peer older = as("node1");
        Peer ofNextBoot = as("node1")) {
      newer.send(hello(boot, 200));
      assertThat(newer.next()).isInstanceOf(Frame.Welcome.class);
      older.send(hello(boot, 100));
      assertThat(older.goAway().reason()).isEqualTo(GoAwayReason.REPLACED);
      answers(newer);
      assertThat(told).hasSize(1);
      ofNextBoot.send(hello(UUID.randomUUID(), 50));
      assertThat(ofNextBoot.next()).isInstanceOf(Frame.Welcome.class);
      assertThat(newer.goAway().reason()).isEqualTo(GoAwayReason.REPLACED);
    }
  }

  @Test
  void aFrameOfLengthTwoToThe31IsOneSentence() throws IOException {
    byte[] frame = {(byte) 0x80, 0, 0, 0, 1, 0};
    try (Peer greeted = open("node1");
        Peer unknown = as("node2")) {
      for (Peer peer : List.of(greeted, unknown)) {
        peer.send(frame);
        Frame.GoAway away = peer.goAway();
        assertThat(away.reason()).isEqualTo(GoAwayReason.MALFORMED);
        assertThat(away.detail()).contains("2147483648");
      }
    }
    assertThat(ingested.malformed()).isEqualTo(2);
  }

  @Test
  void whatIsNoFrameEndsThisSessionAndNoOther() throws IOException {
    try (Peer good = open("node2");
        Peer bad = open("node1")) {
      bad.send(new byte[] {0, 0, 0, 3, 4, 0, 9});
      assertThat(bad.goAway().reason()).isEqualTo(GoAwayReason.MALFORMED);
      answers(good);
    }
  }

  /** Four kilobytes are the most before HELLO. */
  @Test
  void beforeHelloABigFrameIsRefused() throws IOException {
    try (Peer peer = as("node1")) {
      peer.send(new byte[] {0, 0, 0x20, 0, 1, 0});
      assertThat(peer.goAway().detail()).contains("8192").contains("4096");
    }
  }

  @Test
  void aBodyThatIsNoBodyIsOneSentence() throws IOException {
    try (Peer peer = open("node1")) {
      peer.send(new Frame.Status(new UUID(1, 2), 6, Payload.ofText("{\"job\":\"a\",\"rum\":1}")));
      Frame.GoAway away = peer.goAway();
      assertThat(away.reason()).isEqualTo(GoAwayReason.MALFORMED);
      assertThat(away.detail()).isEqualTo("STATUS: rum: no such field; did you mean 'run'?");
    }
    assertThat(told).noneMatch(news -> news instanceof Told.Reported);
  }

  private static Frame.Health health(String body) {
    return new Frame.Health(1, Payload.ofText(body));
  }

  @Test
  void whatANodeJudgesIsToldBeforeWhatItReads() throws IOException {
    try (Peer peer = open("node1")) {
      peer.send(
          health(
              """
              {"at_ms":7,"judgements":[{"verdict":"ok","evidence":[]},\
              {"accelerator":"3","uuid":"GPU-3","verdict":"failed","evidence":[\
              {"rule":"xid-79","version":1,"verdict":"failed","advice":"reboot-node",\
              "scope":"node","observed":"Xid 79","since_ms":5,"clears":"a reboot",\
              "job":"hello-r1"}]}]}\
              """));
      answers(peer);
      assertThat(facts).hasSize(2);
      Fact.Judged judged = (Fact.Judged) List.copyOf(facts).get(1);
      assertThat(judged.node()).isEqualTo("node1");
      assertThat(judged.findings().session())
          .isEqualTo(((Fact.Connected) facts.element()).session());
      assertThat(judged.findings().node().orElseThrow().verdict()).isEqualTo(Verdict.OK);
      assertThat(judged.findings().ofDevice("GPU-3"))
          .extracting(Evidence::rule)
          .containsExactly("xid-79");
    }
  }

  /** One sentence, the end of this session, and nothing of it is kept. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "rubbish | HEALTH: ",
        "{} | HEALTH: at_ms: missing",
        "{\"at_ms\":1,\"judgements\":[{\"verdict\":\"fine\",\"evidence\":[]}]} | HEALTH: judgements[0].verdict: 'fine' is refused; allowed is ok, degraded, failed or unknown",
        "{\"at_ms\":1,\"judgements\":[{\"verdict\":\"ok\",\"evidence\":[]},{\"verdict\":\"ok\",\"evidence\":[]}]} | HEALTH: judgements: the node is judged twice; allowed is once",
      })
  void aReportThatIsNoneIsOneSentence(String body, String sentence) throws IOException {
    try (Peer good = open("node2");
        Peer bad = open("node1")) {
      bad.send(health(body));
      Frame.GoAway away = bad.goAway();
      assertThat(away.reason()).isEqualTo(GoAwayReason.MALFORMED);
      assertThat(away.detail()).startsWith(sentence.strip());
      answers(good);
    }
    assertThat(facts).noneMatch(fact -> fact instanceof Fact.Judged);
    assertThat(ingested.malformed()).isEqualTo(1);
  }

  /**
   * Who never says HELLO takes a place at the door, and no place of a session; beyond so many
   * others wait, and come in when there is room.
   */
  @Test
  void aCrowdAtTheDoorShutsOutNoSession() throws Exception {
    List<Socket> crowd = new ArrayList<>();
    try (Peer session = open("node1")) {
      for (int i = 0; i < 300; i++) {
        crowd.add(new Socket(InetAddress.getLoopbackAddress(), server.port()));
      }
      answers(session);
      await().atMost(LONG).until(() -> server.ungreeted() >= IngestServer.MOST_UNGREETED);
      assertThat(server.ungreeted()).isLessThan(IngestServer.MOST_UNGREETED + A_FEW);
      Socket last = crowd.getLast();
      last.setSoTimeout(200);
      assertThatThrownBy(() -> last.getInputStream().read())
          .as("the last waits, and is not closed")
          .isInstanceOf(SocketTimeoutException.class);
      CompletableFuture<Boolean> another = CompletableFuture.supplyAsync(() -> comesIn("node2"));
      answers(session);
      for (Socket one : crowd) {
        one.close();
      }
      assertThat(another.get(LONG.toSeconds(), TimeUnit.SECONDS)).as("it waited").isTrue();
      answers(session);
    } finally {
      for (Socket one : crowd) {
        one.close();
      }
    }
  }

  /** Some hundred that say nothing, or rubbish, or begin TLS and go no further. */
  @Test
  void aStormOfHandshakesDisturbsNoSessionAndPasses() throws IOException {
    byte[][] openings = {
      {}, "GET / HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII), {22, 3, 1, 0x40, 0, 1, 0}
    };
    List<Socket> storm = new ArrayList<>();
    try (Peer session = open("node1")) {
      for (int i = 0; i < 600; i++) {
        Socket one = new Socket(InetAddress.getLoopbackAddress(), server.port());
        storm.add(one);
        send(one, openings[i % openings.length]);
        if (i % 50 == 0) {
          answers(session);
        }
      }
      answers(session);
      assertThat(server.ungreeted()).isLessThan(IngestServer.MOST_UNGREETED + A_FEW);
      await().atMost(LONG).until(() -> ingested.refusals(Refusal.Reason.HANDSHAKE) > 0);
      if (!System.getProperty("long", "").equals("yes")) {
        for (Socket one : storm) {
          one.close();
        }
      } // else it is the deadline of ten seconds that ends them
      await().atMost(LONG).until(() -> comesIn("node2"));
      answers(session);
    } finally {
      for (Socket one : storm) {
        one.close();
      }
    }
  }

  /** Who is cut off already is no matter here. */
  private static void send(Socket socket, byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
    } catch (IOException cut) {
      assertThat(cut).isInstanceOf(SocketException.class);
    }
  }

  private boolean comesIn(String node) {
    try (Peer peer = as(node)) {
      peer.send(hello(node));
      return peer.next() instanceof Frame.Welcome;
    } catch (IOException turnedAway) {
      return false;
    }
  }

  @Test
  void anOlderTlsIsRefused() throws IOException {
    MutualTls tls = new MutualTls(Credentials.read(trust.node("node1")), clock);
    try (SSLSocket socket =
        (SSLSocket)
            tls.context()
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(10_000);
      socket.setEnabledProtocols(new String[] {"TLSv1.2"});
      assertThatThrownBy(socket::startHandshake).isInstanceOf(IOException.class);
    }
    await().atMost(LONG).until(() -> ingested.refusals(Refusal.Reason.TLS_VERSION) == 1);
  }

  /** Plain bytes on the TLS port: closed, and the port goes on. */
  @Test
  void plainTextIsNoHandshake() throws IOException {
    try (Socket plain = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      plain.setSoTimeout(10_000);
      plain.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      plain.getInputStream().transferTo(OutputStream.nullOutputStream());
    }
    open("node1").close();
  }

  /** What is written to an agent that reads nothing is bounded: its session ends, and no other. */
  @Test
  void anAgentThatReadsNothingIsLetGo() throws IOException {
    try (Peer deaf = open("node1");
        Peer other = open("node2")) {
      ByteArrayOutputStream pings = new ByteArrayOutputStream();
      for (int i = 1; i <= 1000; i++) {
        pings.writeBytes(FrameWriter.encode(new Frame.Ping(i, new Moment(1, 1))));
      }
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 4000; i++) {
                  deaf.send(pings.toByteArray());
                }
              })
          .as("120 MB of PINGs")
          .isInstanceOf(IOException.class);
      answers(other);
    }
  }

  private static byte[] framed(FrameType type, String body) {
    byte[] bytes = HexFormat.of().parseHex(body);
    return ByteBuffer.allocate(6 + bytes.length)
        .putInt(2 + bytes.length)
        .put((byte) type.code())
        .put((byte) 0)
        .put(bytes)
        .array();
  }

  /** This content with its hash, under a head that says so many bytes. */
  private static byte[] schema(byte[] content, int said) throws GeneralSecurityException {
    Deflater deflater = new Deflater();
    deflater.setInput(content);
    deflater.finish();
    byte[] packed = new byte[1 << 16];
    int length = deflater.deflate(packed);
    deflater.end();
    return ByteBuffer.allocate(6 + 24 + length)
        .putInt(2 + 24 + length)
        .put((byte) FrameType.SCHEMA.code())
        .put((byte) 0)
        .put(MessageDigest.getInstance("SHA-256").digest(content), 0, 16)
        .putInt(said)
        .putInt(length)
        .put(packed, 0, length)
        .array();
  }

  /** Each is one sentence, one count and the end of its session. */
  @Test
  void eachKindOfBadFrameIsCountedOnce() throws Exception {
    List<byte[]> bad =
        List.of(
            new byte[6], // length 0
            framed(FrameType.DELTA, "0000000000000002" + "00" + "ffffffffffffffffffff"),
            framed(FrameType.EVENT, "0000000000000000" + "0000000000000001" + "0001" + "61"),
            framed(FrameType.KEY, "00"),
            framed(FrameType.STATUS, "00".repeat(24) + "ffffffff"),
            framed(FrameType.DESIRED, "00"), // of the collector alone
            schema(new byte[10_000_000], 1000),
            schema(new byte[] {(byte) 0xc0, (byte) 0x84, 0x3d}, 3)); // a million labels
    for (int i = 0; i < bad.size(); i++) {
      try (Peer peer = open("node1")) {
        peer.send(bad.get(i));
        Frame.GoAway away = peer.goAway();
        assertThat(away.reason()).as("frame %d", i).isEqualTo(GoAwayReason.MALFORMED);
        assertThat(away.detail()).isNotBlank();
        assertThat(ingested.malformed()).isEqualTo(i + 1);
      }
    }
  }
}
