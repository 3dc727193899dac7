package io.millwright.collector.join;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millwright.collector.trust.Authority;
import io.millwright.collector.trust.Enrolment;
import io.millwright.collector.trust.MemoryRegister;
import io.millwright.collector.trust.TestCertificates;
import io.millwright.collector.trust.TokenLedger;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.tls.Fingerprint;
import io.millwright.protocol.tls.JoinAnswer;
import io.millwright.protocol.tls.JoinAnswer.Reason;
import io.millwright.protocol.tls.JoinFrame;
import io.millwright.protocol.tls.JoinTls;
import io.millwright.protocol.tls.JoinToken;
import io.millwright.protocol.tls.Joining;
import io.millwright.protocol.tls.MutualTls;
import io.millwright.protocol.tls.PeerIdentity;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who joins over the wire, and what strangers get. */
@SuppressWarnings("NullAway.Init") // set before each test
class JoinServerTest {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final int PATIENCE_MS = 20_000;
  private static final JoinLimits QUICK = new JoinLimits(64, 1000, Duration.ofSeconds(10));

  private final TestCertificates site = new TestCertificates("hall-a");

  @TempDir private Path directory;
  private TokenLedger files;
  private JoinServer server;
  private Enrolment enrolment;

  @BeforeEach
  void start() {
    files = Authority.tokens(directory.resolve("tokens"));
    start(files, QUICK);
  }

  private void start(TokenLedger ledger, JoinLimits limits) {
    if (server != null) {
      server.close();
    }
    enrolment = new Enrolment(site.authority(), ledger, new MemoryRegister(), site.clock());
    server =
        new JoinServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            new MutualTls(site.collector(), site.clock()),
            enrolment,
            limits,
            site.clock());
    server.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void aTokenIsGoodOnce() throws Exception {
    JoinToken token = invite();

    assertThat(join(token)).isInstanceOf(Joining.Joined.class);
    assertThat(refused(token, Reason.TOKEN_USED)).startsWith("the token of node gpu-07 was used");
  }

  @Test
  void refusesATokenThatEnded() throws Exception {
    JoinToken token = invite();
    site.clock().pass(HOUR.plusSeconds(1));

    assertThat(refused(token, Reason.TOKEN_EXPIRED)).startsWith("the token of node gpu-07 ended");
  }

  @Test
  void refusesAnotherNode() throws Exception {
    JoinToken token = invite();
    JoinToken claimed =
        new JoinToken(new PeerIdentity.Node("hall-a", "gpu-08"), token.authority(), token.secret());

    assertThat(refused(claimed, Reason.OTHER_NAME)).startsWith("node 'gpu-08' was refused");
    assertThat(join(token)).isInstanceOf(Joining.Joined.class);
  }

  @Test
  void refusesATokenThatItDidNotMake() throws Exception {
    JoinToken token = invite();
    String other = (token.secret().startsWith("A") ? "B" : "A") + token.secret().substring(1);
    JoinToken changed = new JoinToken(token.node(), token.authority(), other);

    assertThat(refused(changed, Reason.TOKEN_UNKNOWN)).startsWith("the token is not known here");
  }

  /** The node of another site's token hangs up in the handshake, and its secret stays with it. */
  @Test
  void aTokenOfAnotherAuthorityIsNeverSent() throws Exception {
    JoinToken token = invite();
    JoinToken elsewhere = new JoinToken(token.node(), Fingerprint.of("another"), token.secret());

    String logged =
        logged(
            "believes another authority than ours",
            () ->
                assertThatThrownBy(() -> join(elsewhere))
                    .isInstanceOfSatisfying(
                        SSLException.class,
                        failure ->
                            assertThat(
                                    new JoinTls(elsewhere, site.clock())
                                        .explain(failure)
                                        .sentence())
                                .startsWith("the server was refused: the token is for the")));

    assertThat(logged).contains("join refused peer=127.0.0.1");
    assertThat(join(token)).isInstanceOf(Joining.Joined.class);
  }

  @Test
  void aRefusalIsLoggedWithThePeerAndWithoutTheToken() throws Exception {
    JoinToken token = invite();
    join(token);

    String logged = logged("token-used", () -> refused(token, Reason.TOKEN_USED));

    assertThat(logged)
        .contains("join refused peer=127.0.0.1 reason=token-used: the token of node gpu-07")
        .doesNotContain(token.secret())
        .doesNotContain(token.key().hex());
    assertThat(logged.lines().filter(line -> line.contains("refused"))).hasSize(1);
  }

  @Test
  void tokensAreUsedUpOffTheEventLoop() throws Exception {
    AtomicReference<String> thread = new AtomicReference<>("");
    start(
        new Watched(files) {
          @Override
          public boolean spend(Fingerprint key) {
            thread.set(Thread.currentThread().getName());
            return super.spend(key);
          }
        },
        QUICK);

    join(invite());

    assertThat(thread).hasValue("join");
  }

  @Test
  void refusesWhatIsNoRequest() throws Exception {
    JoinToken token = invite();
    byte[] good = new Joining(token).request();

    for (byte[] body :
        new byte[][] {
          {}, {0}, "GET / HTTP/1.1\r\n\r\n".getBytes(UTF_8), new byte[4096], Arrays.copyOf(good, 80)
        }) {
      assertThat(sentence(send(token, JoinFrame.of(body)), Reason.MALFORMED))
          .startsWith("what was sent is no request to join of at most 4 KiB");
    }
    assertThat(join(token)).isInstanceOf(Joining.Joined.class);
  }

  @Test
  void anyBytesAreRefused() throws Exception {
    long seed = new Random().nextLong();
    System.out.println("JoinServerTest.anyBytesAreRefused seed=" + seed);
    Random random = new Random(seed);
    JoinToken token = invite();
    byte[] good = JoinFrame.of(new Joining(token).request());
    for (int i = 0; i < 40; i++) {
      byte[] frame = good.clone();
      for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
        frame[2 + random.nextInt(frame.length - 2)] ^= (byte) (1 + random.nextInt(255));
      }
      if (!Arrays.equals(frame, good)) {
        assertThat(send(token, frame)).as("seed %d", seed).isInstanceOf(JoinAnswer.Refused.class);
      }
    }
    assertThat(join(token)).isInstanceOf(Joining.Joined.class);
  }

  @Test
  void tenMegabytesGetTheSameSentence() throws Exception {
    byte[] flood = new byte[10 << 20];
    flood[0] = (byte) 0xff;

    assertThat(sentence(send(invite(), flood), Reason.MALFORMED))
        .isEqualTo("a request to join has at most 4 KiB, and this one says more");
  }

  @Test
  void aConnectionIsForOneRequest() throws Exception {
    JoinToken first = invite();
    JoinToken second = enrolment.invite("gpu-08", HOUR);
    try (SSLSocket socket = connect(first)) {
      socket.getOutputStream().write(JoinFrame.of(new Joining(first).request()));
      socket.getOutputStream().write(JoinFrame.of(new Joining(second).request()));
      assertThat(JoinAnswer.parse(JoinFrame.read(socket.getInputStream())))
          .isInstanceOf(JoinAnswer.Issued.class);
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
    assertThat(join(second)).isInstanceOf(Joining.Joined.class);
  }

  @Test
  void aSlowClientIsToldAndLetGo() throws Exception {
    start(files, new JoinLimits(64, 1000, Duration.ofMillis(500)));
    JoinToken token = invite();

    assertThat(sentence(send(token, new byte[] {1}), Reason.MALFORMED))
        .startsWith("no whole request to join came within 500 ms");
    try (Socket silent = raw()) {
      assertThat(silent.getInputStream().read()).isEqualTo(-1);
    }
    assertThat(join(token)).isInstanceOf(Joining.Joined.class);
  }

  @Test
  void whatIsNotTlsIsCut() throws Exception {
    String logged =
        logged(
            "what it sent is not TLS",
            () -> {
              try (Socket plain = raw()) {
                plain.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(UTF_8));
                drain(plain);
              }
            });

    assertThat(logged).contains("join refused peer=127.0.0.1");
    assertThat(join(invite())).isInstanceOf(Joining.Joined.class);
  }

  @Test
  void whoComesWhileAllPlacesAreTakenWaits() throws Exception {
    start(files, new JoinLimits(2, 1000, Duration.ofSeconds(60)));
    JoinToken token = invite();
    try (Socket one = raw();
        Socket two = raw()) {
      FutureTask<Joining.Result> waiting = new FutureTask<>(() -> join(token));
      Threads.platform("waiting", waiting).start();
      assertThat(waiting.isDone()).isFalse();
      two.shutdownOutput();
      assertThat(waiting.get(PATIENCE_MS, TimeUnit.MILLISECONDS))
          .isInstanceOf(Joining.Joined.class);
      assertThat(one.isConnected()).isTrue();
    }
  }

  /** With two places the third is let in once the collector knows that the second has gone. */
  @Test
  void whoLeavesBeforeItsTurnUsesUpNoToken() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    CountDownLatch busy = new CountDownLatch(1);
    start(new Held(files, busy, go), new JoinLimits(2, 1000, Duration.ofSeconds(60)));
    JoinToken first = invite();
    JoinToken second = enrolment.invite("gpu-08", HOUR);
    FutureTask<Joining.Result> joining = new FutureTask<>(() -> join(first));
    Threads.platform("first", joining).start();
    assertThat(busy.await(PATIENCE_MS, TimeUnit.MILLISECONDS)).isTrue();
    try (SSLSocket leaving = connect(second)) {
      leaving.getOutputStream().write(JoinFrame.of(new Joining(second).request()));
    }
    try (SSLSocket third = connect(second)) {
      go.countDown();
      assertThat(joining.get(PATIENCE_MS, TimeUnit.MILLISECONDS))
          .isInstanceOf(Joining.Joined.class);
      third.getOutputStream().write(JoinFrame.of(new Joining(second).request()));
      assertThat(JoinAnswer.parse(JoinFrame.read(third.getInputStream())))
          .isInstanceOf(JoinAnswer.Issued.class);
    }
  }

  @Test
  void aCollectorThatStopsAnswersWhoHasAsked() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    CountDownLatch busy = new CountDownLatch(1);
    start(new Held(files, busy, go), QUICK);
    JoinToken token = invite();
    int port = server.port();
    FutureTask<Joining.Result> joining = new FutureTask<>(() -> join(token));
    Threads.platform("joining", joining).start();
    assertThat(busy.await(PATIENCE_MS, TimeUnit.MILLISECONDS)).isTrue();
    FutureTask<Boolean> closing =
        new FutureTask<>(() -> {
          server.close();
          return true;
        });
    Threads.platform("closing", closing).start();
    await().atMost(Duration.ofMillis(PATIENCE_MS)).until(() -> isClosed(port));
    go.countDown();

    assertThat(joining.get(PATIENCE_MS, TimeUnit.MILLISECONDS)).isInstanceOf(Joining.Joined.class);
    assertThat(closing.get(PATIENCE_MS, TimeUnit.MILLISECONDS)).isTrue();
  }

  @Test
  void saysThatThePortIsTaken() {
    JoinServer second =
        new JoinServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()),
            new MutualTls(site.collector(), site.clock()),
            enrolment,
            site.clock());

    assertThatThrownBy(second::start)
        .isInstanceOf(JoinException.class)
        .hasMessage(
            "listening on localhost:%d failed: is the port taken? (ss -ltnp names who has it)",
            server.port());
    second.close();
  }

  // ---- the node's side

  private JoinToken invite() {
    return enrolment.invite("gpu-07", HOUR);
  }

  private Joining.Result join(JoinToken token) throws IOException {
    Joining joining = new Joining(token);
    try (SSLSocket socket = connect(token)) {
      socket.getOutputStream().write(JoinFrame.of(joining.request()));
      return joining.accept(JoinFrame.read(socket.getInputStream()));
    }
  }

  private SSLSocket connect(JoinToken token) throws IOException {
    SSLSocket socket = new JoinTls(token, site.clock()).connect("localhost", server.port());
    socket.setSoTimeout(PATIENCE_MS);
    socket.startHandshake();
    return socket;
  }

  private JoinAnswer send(JoinToken token, byte[] bytes) throws IOException {
    try (SSLSocket socket = connect(token)) {
      socket.getOutputStream().write(bytes);
      return JoinAnswer.parse(JoinFrame.read(socket.getInputStream()));
    }
  }

  private String refused(JoinToken token, Reason reason) throws IOException {
    return sentence(send(token, JoinFrame.of(new Joining(token).request())), reason);
  }

  private static String sentence(JoinAnswer answer, Reason reason) {
    JoinAnswer.Refused refused = (JoinAnswer.Refused) answer;
    assertThat(refused.reason()).as(refused.sentence()).isEqualTo(reason);
    return refused.sentence();
  }

  private Socket raw() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    socket.setSoTimeout(PATIENCE_MS);
    return socket;
  }

  /** An alert, or a reset. */
  private static void drain(Socket socket) {
    try {
      assertThat(socket.getInputStream().readNBytes(1000)).hasSizeLessThan(1000);
    } catch (IOException reset) {
      assertThat(reset).hasMessageContaining("reset");
    }
  }

  private static boolean isClosed(int port) {
    try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return false;
    } catch (IOException closed) {
      return true;
    }
  }

  private interface Act {
    void run() throws Exception;
  }

  /** What the collector logs, until it has logged this. */
  private static String logged(String awaited, Act act) throws Exception {
    ByteArrayOutputStream captured = new ByteArrayOutputStream();
    PrintStream usual = System.err;
    System.setErr(new PrintStream(captured, true, UTF_8));
    try {
      act.run();
      await()
          .atMost(Duration.ofMillis(PATIENCE_MS))
          .until(() -> captured.toString(UTF_8).contains(awaited));
    } finally {
      System.setErr(usual);
    }
    return captured.toString(UTF_8);
  }

  /** A ledger to look over the shoulder of. */
  private static class Watched implements TokenLedger {
    private final TokenLedger ledger;

    Watched(TokenLedger ledger) {
      this.ledger = ledger;
    }

    @Override
    public void add(Fingerprint key, Entry entry) {
      ledger.add(key, entry);
    }

    @Override
    public Standing standing(Fingerprint key) {
      return ledger.standing(key);
    }

    @Override
    public boolean spend(Fingerprint key) {
      return ledger.spend(key);
    }
  }

  /** A disk that does not answer for a while. */
  private static final class Held extends Watched {
    private final CountDownLatch busy;
    private final CountDownLatch go;

    Held(TokenLedger ledger, CountDownLatch busy, CountDownLatch go) {
      super(ledger);
      this.busy = busy;
      this.go = go;
    }

    @Override
    public boolean spend(Fingerprint key) {
      busy.countDown();
      try {
        assertThat(go.await(PATIENCE_MS, TimeUnit.MILLISECONDS)).isTrue();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return super.spend(key);
    }
  }
}
