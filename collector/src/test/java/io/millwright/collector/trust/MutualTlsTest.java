package io.millwright.collector.trust;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.tls.Admission;
import io.millwright.protocol.tls.Credentials;
import io.millwright.protocol.tls.Door;
import io.millwright.protocol.tls.JoinTls;
import io.millwright.protocol.tls.MutualTls;
import io.millwright.protocol.tls.PeerIdentity;
import io.millwright.protocol.tls.Purpose;
import io.millwright.protocol.tls.Refusal;
import io.millwright.protocol.tls.Refusal.Reason;
import io.millwright.protocol.tls.Role;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;

/** Who is let in at which port, over real sockets, and what both sides say of it. */
class MutualTlsTest {
  private final TestCertificates site = new TestCertificates("hall-a");
  private final MutualTls collector = new MutualTls(site.collector(), site.clock());

  @Test
  void letsANodeInAtThePortForNodes() throws Exception {
    Meeting meeting = Meeting.of(collector, nodes("gpu-07"), tls(site.node("gpu-07")));

    assertThat(meeting.server())
        .isEqualTo(new Meeting.Result.Admitted(new PeerIdentity.Node("hall-a", "gpu-07")));
    assertThat(meeting.told()).isEqualTo("WELCOME millwright://hall-a/node/gpu-07");
  }

  @Test
  void speaksTls13() throws Exception {
    AtomicReference<String> protocol = new AtomicReference<>("");
    Meeting.of(
        collector,
        session -> {
          protocol.set(session.getProtocol());
          return Door.forNodes("hall-a", site.clock()).admit(session);
        },
        tls(site.node("gpu-07")));

    assertThat(protocol).hasValue("TLSv1.3");
  }

  @Test
  void letsAnOperatorInAtThePortForOperators() throws Exception {
    Meeting meeting =
        Meeting.of(
            collector,
            Door.forOperators("hall-a", site.clock())::admit,
            tls(site.operator(Role.VIEWER, "alice")));

    assertThat(meeting.server())
        .isEqualTo(
            new Meeting.Result.Admitted(new PeerIdentity.Operator("hall-a", Role.VIEWER, "alice")));
  }

  @Test
  void refusesAnOperatorAtThePortForNodes() throws Exception {
    Meeting meeting =
        Meeting.of(collector, nodes("alice"), tls(site.operator(Role.ADMIN, "alice")));

    assertThat(meeting.serverRefusal().reason()).isEqualTo(Reason.WRONG_ROLE);
    assertThat(meeting.serverRefusal().sentence())
        .isEqualTo(
            "operator alice (admin) was refused: only a node is taken here;"
                + " that needs the certificate of a node of site hall-a");
    assertThat(meeting.told()).isEqualTo("GOAWAY wrong-role " + meeting.serverRefusal().sentence());
  }

  @Test
  void refusesANodeAtThePortForOperators() throws Exception {
    Meeting meeting =
        Meeting.of(
            collector, Door.forOperators("hall-a", site.clock())::admit, tls(site.node("gpu-07")));

    assertThat(meeting.serverRefusal().reason()).isEqualTo(Reason.WRONG_ROLE);
    assertThat(meeting.told())
        .startsWith("GOAWAY wrong-role node gpu-07 was refused: only an operator is taken here");
  }

  @Test
  void refusesAnotherNodesName() throws Exception {
    Meeting meeting = Meeting.of(collector, nodes("gpu-08"), tls(site.node("gpu-07")));

    assertThat(meeting.serverRefusal().reason()).isEqualTo(Reason.OTHER_NAME);
    assertThat(meeting.told())
        .startsWith("GOAWAY other-name node gpu-07 was refused: it says that its name is 'gpu-08'");
  }

  @Test
  void refusesAnotherAuthoritysCertificate() throws Exception {
    TestCertificates stranger = new TestCertificates("hall-b");
    Credentials strange = stranger.node("gpu-07");
    Meeting meeting =
        Meeting.of(collector, nodes("gpu-07"), tls(strange), Stranger.showing(strange));

    assertThat(meeting.serverRefusal().reason())
        .as("%s", meeting)
        .isEqualTo(Reason.OTHER_AUTHORITY);
    assertThat(meeting.serverRefusal().sentence())
        .startsWith("the certificate of node gpu-07 was refused: another authority issued it")
        .contains("join this site");
    assertThat(meeting.clientRefusal().reason()).isEqualTo(Reason.OTHER_AUTHORITY);
  }

  /** Same site, same names, another key. */
  @Test
  void refusesAnAuthorityOfTheSameName() throws Exception {
    TestCertificates twin = new TestCertificates("hall-a");
    MutualTls impostor = new MutualTls(twin.collector(), twin.clock());
    Meeting meeting = Meeting.of(impostor, nodes("gpu-07"), tls(site.node("gpu-07")));

    assertThat(meeting.clientRefusal().reason()).isEqualTo(Reason.OTHER_AUTHORITY);
    assertThat(meeting.clientRefusal().sentence())
        .startsWith("the certificate of collector collector-1 was refused: another authority");
    // The client closes as soon as it has seen the certificate: the server reads its alert, or its
    // own next write fails first. Either way it says who knows more.
    assertThat(meeting.serverRefusal().sentence())
        .containsAnyOf(
            "the other side refused", "the connection was cut in the handshake or just after it");
  }

  @Test
  void refusesAnExpiredCertificate() throws Exception {
    Credentials old = site.nodeOf("gpu-07", Duration.ofDays(91));
    Meeting meeting = Meeting.of(collector, nodes("gpu-07"), tls(old));

    assertThat(meeting.serverRefusal().reason()).isEqualTo(Reason.EXPIRED);
    assertThat(meeting.serverRefusal().sentence())
        .isEqualTo(
            "the certificate of node gpu-07 was refused: it ended at 2026-11-20T12:00:00Z"
                + " and the clock here says 2026-11-21T12:00:00Z; join again, or set the clock");
    assertThat(meeting.clientRefusal().reason()).isEqualTo(Reason.EXPIRED);
    assertThat(meeting.clientRefusal().sentence()).startsWith("the other side refused us: ");
  }

  /** A node at 1970 finds the collector's certificate not begun, and says so. */
  @Test
  void saysThatAClockIsWrong() throws Exception {
    TestClock lost = new TestClock(Instant.EPOCH);
    Meeting meeting =
        Meeting.of(collector, nodes("gpu-07"), new MutualTls(site.node("gpu-07"), lost));

    assertThat(meeting.clientRefusal().reason()).isEqualTo(Reason.NOT_YET_VALID);
    assertThat(meeting.clientRefusal().sentence())
        .contains("the clock here says 1970-01-01T00:00:00Z; set the clock");
  }

  @Test
  void refusesTls12() throws Exception {
    MutualTls node = tls(site.node("gpu-07"));
    Meeting meeting =
        Meeting.of(
            collector, nodes("gpu-07"), node, port -> older(node.connect("localhost", port)));

    assertThat(meeting.serverRefusal().reason()).isEqualTo(Reason.TLS_VERSION);
    assertThat(meeting.serverRefusal().sentence())
        .isEqualTo(
            "the peer was refused: it offered no TLS 1.3;"
                + " Millwright speaks TLS 1.3 and nothing older");
    assertThat(meeting.clientRefusal().reason()).isEqualTo(Reason.TLS_VERSION);
    assertThat(meeting.clientRefusal().sentence())
        .startsWith("the other side refused the version of TLS");
  }

  /** As a client says hello that knows no extension that lists versions. */
  @Test
  void refusesAClientTooOldToListVersions() throws Exception {
    byte[] hello =
        HexFormat.of()
            .parseHex(
                "160301002d" + "01000029" + "0303" + "5a".repeat(32) + "00" + "0002c02b" + "0100");
    try (Accepting accepting = Accepting.with(collector.context(), collector.parameters());
        Socket old = new Socket(InetAddress.getLoopbackAddress(), accepting.port())) {
      old.getOutputStream().write(hello);
      old.shutdownOutput();
      IOException failure =
          accepting.serve(
              socket -> catchThrowableOfType(IOException.class, socket::startHandshake));

      assertThat(collector.explain(failure).reason()).isEqualTo(Reason.TLS_VERSION);
      assertThat(old.getInputStream().readAllBytes())
          .as("a fatal alert of protocol_version")
          .endsWith(2, 70);
    }
  }

  @Test
  void refusesAPeerWithoutACertificate() throws Exception {
    Enrolment enrolment =
        new Enrolment(site.authority(), new MemoryLedger(), new MemoryRegister(), site.clock());
    JoinTls joining = new JoinTls(enrolment.invite("gpu-07", Duration.ofHours(1)), site.clock());
    Meeting meeting =
        Meeting.of(
            collector,
            nodes("gpu-07"),
            tls(site.node("gpu-07")),
            port -> joining.connect("localhost", port));

    assertThat(meeting.serverRefusal().reason()).isEqualTo(Reason.NO_CERTIFICATE);
    assertThat(meeting.clientRefusal().reason()).isEqualTo(Reason.NO_CERTIFICATE);
  }

  @Test
  void refusesACertificateThatANodeSigned() throws Exception {
    Credentials forged =
        site.signedByNode(site.node("gpu-07"), "millwright://hall-a/operator/admin/mallory");
    Meeting meeting =
        Meeting.of(
            collector,
            Door.forOperators("hall-a", site.clock())::admit,
            tls(forged),
            Stranger.showing(forged));

    assertThat(meeting.server()).isInstanceOf(Meeting.Result.Refused.class);
    assertThat(meeting.serverRefusal().sentence())
        .startsWith("the certificate of operator mallory (admin) was refused");
    assertThat(meeting.client()).isInstanceOf(Meeting.Result.Refused.class);
  }

  @Test
  void refusesAServerThatIsANode() throws Exception {
    MutualTls posing = new MutualTls(site.node("gpu-07"), site.clock());
    Meeting meeting = Meeting.of(posing, nodes("gpu-08"), tls(site.node("gpu-08")));

    assertThat(meeting.clientRefusal().reason()).isEqualTo(Reason.WRONG_PURPOSE);
    assertThat(meeting.clientRefusal().sentence()).contains("clientAuth, needed is serverAuth");
  }

  @Test
  void refusesANodeWhoseCertificateIsAServersToo() throws Exception {
    Credentials wide =
        site.odd(
            List.of("millwright://hall-a/node/gpu-07"), List.of(Purpose.SERVER, Purpose.CLIENT));
    Meeting meeting = Meeting.of(collector, nodes("gpu-07"), tls(wide));

    assertThat(meeting.serverRefusal().reason()).isEqualTo(Reason.WRONG_PURPOSE);
    assertThat(meeting.told()).contains("allowed is clientAuth");
  }

  @Test
  void refusesACertificateOfTwoRolesOrNone() throws Exception {
    List<Purpose> client = List.of(Purpose.CLIENT);
    Credentials two =
        site.odd(
            List.of("millwright://hall-a/node/gpu-07", "millwright://hall-a/operator/admin/bob"),
            client);
    Credentials none = site.odd(List.of("https://hall-a.example/node/gpu-07"), client);

    assertThat(Meeting.of(collector, nodes("gpu-07"), tls(two)).serverRefusal().reason())
        .isEqualTo(Reason.NO_IDENTITY);
    assertThat(Meeting.of(collector, nodes("gpu-07"), tls(none)).serverRefusal().reason())
        .isEqualTo(Reason.NO_IDENTITY);
  }

  @Test
  void refusesAnotherSiteOfTheSameAuthority() throws Exception {
    Credentials other =
        site.odd(List.of("millwright://hall-b/node/gpu-07"), List.of(Purpose.CLIENT));

    assertThat(Meeting.of(collector, nodes("gpu-07"), tls(other)).serverRefusal().reason())
        .isEqualTo(Reason.OTHER_SITE);
  }

  @Test
  void refusesAServerForAnotherHost() throws Exception {
    MutualTls elsewhere =
        new MutualTls(site.collector(List.of("collector.example.org")), site.clock());
    Meeting meeting = Meeting.of(elsewhere, nodes("gpu-07"), tls(site.node("gpu-07")));

    assertThat(meeting.clientRefusal().reason()).isEqualTo(Reason.OTHER_HOST);
    assertThat(meeting.clientRefusal().sentence())
        .contains("reached as 'localhost' and its certificate is for collector.example.org");
  }

  @Test
  void reachesAServerByItsAddress() throws Exception {
    MutualTls node = tls(site.node("gpu-07"));
    Meeting meeting =
        Meeting.of(collector, nodes("gpu-07"), node, port -> node.connect("127.0.0.1", port));

    assertThat(meeting.server()).isInstanceOf(Meeting.Result.Admitted.class);
  }

  @Test
  void theClientsDoorTakesCollectorsOnly() {
    Door door = Door.forCollectors("hall-a", site.clock());

    assertThat(door.admit(site.collector().certificate())).isInstanceOf(Admission.Admitted.class);
    assertThat(door.admit(site.node("gpu-07").certificate())).isInstanceOf(Admission.Refused.class);
  }

  /** A session that stays open is looked at again. */
  @Test
  void aDoorAskedLaterFindsWhatHasExpired() {
    Door door = Door.forNodes("hall-a", site.clock());
    var certificate = site.node("gpu-07").certificate();
    assertThat(door.admit(certificate)).isInstanceOf(Admission.Admitted.class);

    site.clock().pass(Duration.ofDays(91));

    assertThat(door.admit(certificate))
        .isInstanceOfSatisfying(
            Admission.Refused.class,
            refused -> assertThat(refused.refusal().reason()).isEqualTo(Reason.EXPIRED));
  }

  /** The second connection resumes the first one's session: the handshake sees no certificate. */
  @Test
  void aResumedSessionMeetsTheDoorToo() throws Exception {
    MutualTls node = tls(site.node("gpu-07"));
    try (Accepting accepting = Accepting.with(collector.context(), collector.parameters())) {
      assertThat(visited(accepting, node)).isEqualTo("first: admitted");

      site.clock().pass(Duration.ofDays(91));

      assertThat(visited(accepting, node)).isEqualTo("resumed: expired");
    }
  }

  /** Whether the session was resumed, and what the door said of it. */
  private String visited(Accepting accepting, MutualTls node) throws Exception {
    FutureTask<String> serving =
        new FutureTask<>(() ->
            accepting.serve(socket -> {
              String word = word(nodes("gpu-07").apply(socket.getSession()));
              socket.getOutputStream().write(word.getBytes(US_ASCII));
              return word;
            }));
    Threads.platform("server", serving).start();
    try (SSLSocket socket = node.connect("localhost", accepting.port())) {
      socket.setSoTimeout(10_000);
      String said = new String(socket.getInputStream().readAllBytes(), US_ASCII);
      boolean resumed = socket.getSession().getValue("seen") != null;
      socket.getSession().putValue("seen", "yes");
      return (resumed ? "resumed: " : "first: ") + said;
    }
  }

  private static String word(Admission admission) {
    return switch (admission) {
      case Admission.Admitted ignored -> "admitted";
      case Admission.Refused(Refusal refusal) -> refusal.reason().word();
    };
  }

  @Test
  void saysThatPlainTextIsNoTls() throws Exception {
    try (Accepting accepting = Accepting.with(collector.context(), collector.parameters());
        Socket plain = new Socket(InetAddress.getLoopbackAddress(), accepting.port())) {
      plain.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(US_ASCII));
      plain.shutdownOutput();
      IOException failure =
          accepting.serve(
              socket -> catchThrowableOfType(IOException.class, socket::startHandshake));

      assertThat(collector.explain(failure).sentence())
          .isEqualTo(
              "the peer was refused: what it sent is not TLS, and this port speaks nothing else");
    }
  }

  /** A server that hangs up at once resets the connection, and the alert is lost. */
  @Test
  void looksAtItsOwnCertificateWhenTheConnectionWasCut() {
    IOException cut = new SocketException("Connection reset");
    Credentials old = site.nodeOf("gpu-07", Duration.ofDays(91));

    assertThat(tls(old).explain(cut).reason()).isEqualTo(Reason.EXPIRED);
    assertThat(tls(site.node("gpu-07")).explain(cut).sentence())
        .contains("(Connection reset)")
        .contains("whether it refused the certificate of node gpu-07");
  }

  /** As an event loop does it. */
  @Test
  void enginesShakeHands() throws SSLException {
    SSLEngine client = tls(site.node("gpu-07")).clientEngine("localhost", 9462);
    SSLEngine server = collector.serverEngine();

    shakeHands(client, server);

    assertThat(Door.forNodes("hall-a", site.clock()).admit(server.getSession(), "gpu-07"))
        .isEqualTo(new Admission.Admitted(new PeerIdentity.Node("hall-a", "gpu-07")));
    assertThat(Door.forCollectors("hall-a", site.clock()).admit(client.getSession()))
        .isEqualTo(new Admission.Admitted(new PeerIdentity.Collector("hall-a", "collector-1")));
  }

  private static void shakeHands(SSLEngine client, SSLEngine server) throws SSLException {
    ByteBuffer toServer = ByteBuffer.allocate(64 * 1024);
    ByteBuffer toClient = ByteBuffer.allocate(64 * 1024);
    for (int round = 0; round < 100 && !(isDone(client) && isDone(server)); round++) {
      step(client, toServer, toClient);
      step(server, toClient, toServer);
    }
    assertThat(isDone(client) && isDone(server)).isTrue();
  }

  private static boolean isDone(SSLEngine engine) {
    return engine.getHandshakeStatus() == SSLEngineResult.HandshakeStatus.NOT_HANDSHAKING
        && !engine.getSession().getProtocol().equals("NONE");
  }

  private static void step(SSLEngine engine, ByteBuffer out, ByteBuffer in) throws SSLException {
    ByteBuffer application = ByteBuffer.allocate(64 * 1024);
    in.flip();
    engine.unwrap(in, application);
    in.compact();
    for (Runnable task = engine.getDelegatedTask();
        task != null;
        task = engine.getDelegatedTask()) {
      task.run();
    }
    engine.wrap(ByteBuffer.allocate(0), out);
  }

  private Function<SSLSession, Admission> nodes(String claimed) {
    Door door = Door.forNodes("hall-a", site.clock());
    return session -> door.admit(session, claimed);
  }

  private MutualTls tls(Credentials own) {
    return new MutualTls(own, site.clock());
  }

  private static SSLSocket older(SSLSocket socket) {
    socket.setEnabledCipherSuites(socket.getSupportedCipherSuites());
    socket.setEnabledProtocols(new String[] {"TLSv1.2"});
    return socket;
  }
}
