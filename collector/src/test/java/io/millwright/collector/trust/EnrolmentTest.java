package io.millwright.collector.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.tls.CertificateRequest;
import io.millwright.protocol.tls.Credentials;
import io.millwright.protocol.tls.Door;
import io.millwright.protocol.tls.JoinAnswer;
import io.millwright.protocol.tls.JoinAnswer.Reason;
import io.millwright.protocol.tls.JoinRequest;
import io.millwright.protocol.tls.JoinTls;
import io.millwright.protocol.tls.JoinToken;
import io.millwright.protocol.tls.Joining;
import io.millwright.protocol.tls.MutualTls;
import io.millwright.protocol.tls.PeerIdentity;
import io.millwright.protocol.tls.Purpose;
import io.millwright.protocol.tls.Refusal;
import io.millwright.protocol.tls.Renewal;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a node joins, and who does not. */
class EnrolmentTest {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final int PATIENCE_MS = 10_000;

  private final TestCertificates site = new TestCertificates("hall-a");

  @TempDir private Path directory = Path.of("");
  private Enrolment enrolment =
      new Enrolment(site.authority(), new MemoryLedger(), new MemoryRegister(), site.clock());

  @BeforeEach
  void keepsTokensInFiles() {
    enrolment =
        new Enrolment(
            site.authority(),
            new FileTokenLedger(directory.resolve("tokens")),
            new FileNodeRegister(directory.resolve("nodes"), directory.resolve("collector")),
            site.clock());
  }

  @Test
  void joinsOverTlsAndIsLetInWithWhatItGot() throws Exception {
    JoinToken token = enrolment.invite("gpu-07", HOUR);
    Credentials joined = ((Joining.Joined) overTls(token, site.collector())).credentials();

    assertThat(joined.identity()).isEqualTo(new PeerIdentity.Node("hall-a", "gpu-07"));
    joined.create(directory.resolve("node"));
    Credentials read = Credentials.read(directory.resolve("node"));
    Meeting meeting =
        Meeting.of(
            new MutualTls(site.collector(), site.clock()),
            session -> Door.forNodes("hall-a", site.clock()).admit(session, "gpu-07"),
            new MutualTls(read, site.clock()));
    assertThat(meeting.server()).isInstanceOf(Meeting.Result.Admitted.class);
  }

  @Test
  void issuesForNinetyDaysAndRenewsAtSixty() {
    Credentials joined = joined(enrolment.invite("gpu-07", HOUR));
    Renewal renewal = Renewal.of(joined.certificate());

    assertThat(renewal.notAfter()).isEqualTo(Instant.parse("2027-02-19T12:00:00Z"));
    assertThat(renewal.due())
        .isBetween(Instant.parse("2027-01-20T11:00:00Z"), Instant.parse("2027-01-20T12:00:00Z"));
  }

  /** Longer than a common name should be: what counts is the alternative name. */
  @Test
  void joinsUnderTheLongestName() {
    String longest = "n".repeat(253);

    assertThat(joined(enrolment.invite(longest, HOUR)).identity())
        .isEqualTo(new PeerIdentity.Node("hall-a", longest));
  }

  @Test
  void refusesASecondUse() {
    JoinToken token = enrolment.invite("gpu-07", HOUR);
    joined(token);

    assertThat(refused(token, Reason.TOKEN_USED))
        .isEqualTo(
            "the token of node gpu-07 was used already, and a token works once; make a new one"
                + " with 'millwright collector ca token --node gpu-07', and find out who used it");
  }

  @Test
  void ofManyAtOnceOneJoins() throws Exception {
    JoinToken token = enrolment.invite("gpu-07", HOUR);
    CountDownLatch go = new CountDownLatch(1);
    List<FutureTask<JoinAnswer>> asking = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      byte[] body = new Joining(token).request();
      FutureTask<JoinAnswer> one =
          new FutureTask<>(() -> {
            go.await();
            return enrolment.answer(body);
          });
      asking.add(one);
      Threads.platform("joins-" + i, one).start();
    }
    go.countDown();

    int in = 0;
    for (FutureTask<JoinAnswer> one : asking) {
      in += one.get(PATIENCE_MS, TimeUnit.MILLISECONDS) instanceof JoinAnswer.Issued ? 1 : 0;
    }
    assertThat(in).isEqualTo(1);
  }

  /** A collector that was started again finds the token used. */
  @Test
  void aUsedTokenStaysUsed() {
    JoinToken token = enrolment.invite("gpu-07", HOUR);
    joined(token);

    keepsTokensInFiles();

    refused(token, Reason.TOKEN_USED);
  }

  @Test
  void refusesATokenThatEnded() {
    JoinToken token = enrolment.invite("gpu-07", HOUR);
    site.clock().pass(HOUR.plusSeconds(1));

    assertThat(refused(token, Reason.TOKEN_EXPIRED))
        .startsWith(
            "the token of node gpu-07 ended at 2026-11-21T13:00:00Z,"
                + " and the collector's clock says 2026-11-21T13:00:01Z; make a new one");
  }

  @Test
  void refusesATokenOfAnotherName() {
    JoinToken token = enrolment.invite("gpu-07", HOUR);
    JoinToken claimed =
        new JoinToken(new PeerIdentity.Node("hall-a", "gpu-08"), token.authority(), token.secret());

    assertThat(refused(claimed, Reason.OTHER_NAME))
        .startsWith("node 'gpu-08' was refused: the right to join is node gpu-07's");
    joined(token);
  }

  @Test
  void refusesAnUnknownToken() {
    JoinToken token = enrolment.invite("gpu-07", HOUR);
    String other = (token.secret().startsWith("A") ? "B" : "A") + token.secret().substring(1);

    assertThat(refused(new JoinToken(token.node(), token.authority(), other), Reason.TOKEN_UNKNOWN))
        .startsWith("the token is not known here");
  }

  @Test
  void refusesARequestThatWasChanged() {
    JoinToken token = enrolment.invite("gpu-07", HOUR);
    byte[] der = CertificateRequest.of(CertificateRequest.newKeys(), "gpu-07");
    der[der.length - 1] ^= 1;

    assertThat(refusal(JoinRequest.of(token.secret(), der).bytes(), Reason.BAD_REQUEST))
        .contains("it was changed on the way, or is not signed by the ECDSA P-256 key");
    joined(token);
  }

  /** Somebody else's key under a signature of one's own proves nothing. */
  @Test
  void refusesAKeyThatTheSenderDoesNotHold() {
    JoinToken token = enrolment.invite("gpu-07", HOUR);
    KeyPair own = CertificateRequest.newKeys();
    KeyPair stolen = new KeyPair(CertificateRequest.newKeys().getPublic(), own.getPrivate());
    byte[] der = CertificateRequest.of(stolen, "gpu-07");

    refusal(JoinRequest.of(token.secret(), der).bytes(), Reason.BAD_REQUEST);
  }

  @Test
  void refusesAKeyOfAnotherKind() throws Exception {
    JoinToken token = enrolment.invite("gpu-07", HOUR);
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp384r1"));
    KeyPair keys = generator.generateKeyPair();
    byte[] der =
        new JcaPKCS10CertificationRequestBuilder(new X500Name("CN=gpu-07"), keys.getPublic())
            .build(new JcaContentSignerBuilder("SHA384withECDSA").build(keys.getPrivate()))
            .getEncoded();

    refusal(JoinRequest.of(token.secret(), der).bytes(), Reason.BAD_REQUEST);
  }

  @Test
  void anyBytesGetAnAnswer() {
    long seed = new Random().nextLong();
    System.out.println("EnrolmentTest.anyBytesGetAnAnswer seed=" + seed);
    Random random = new Random(seed);
    JoinToken token = enrolment.invite("gpu-07", HOUR);
    KeyPair keys = CertificateRequest.newKeys();
    byte[] good = CertificateRequest.of(keys, "gpu-07");
    for (int i = 0; i < 500; i++) {
      byte[] der = good.clone();
      for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
        der[random.nextInt(der.length)] ^= (byte) (1 + random.nextInt(255));
      }
      if (Arrays.equals(der, good)) {
        continue;
      }
      JoinAnswer answer = enrolment.answer(JoinRequest.of(token.secret(), der).bytes());
      if (answer instanceof JoinAnswer.Issued issued) {
        // Around what is signed there are bytes that may vary: the same key asks for the same name.
        assertThat(issued.certificate().getPublicKey())
            .as("seed %d round %d", seed, i)
            .isEqualTo(keys.getPublic());
        assertThat(PeerIdentity.of(issued.certificate()))
            .contains(new PeerIdentity.Node("hall-a", "gpu-07"));
        return; // the token has been used
      }
      assertThat(answer).as("seed %d round %d", seed, i).isInstanceOf(JoinAnswer.Refused.class);
    }
    byte[] large = new byte[5000];
    refusal(large, Reason.MALFORMED);
    refusal(new byte[0], Reason.MALFORMED);
    joined(token);
  }

  @Test
  void renewsForTheSameNodeOnly() {
    PeerIdentity.Node node = new PeerIdentity.Node("hall-a", "gpu-07");
    X509Certificate shown = site.node("gpu-07").certificate();
    KeyPair next = CertificateRequest.newKeys();

    assertThat(enrolment.renew(node, shown, CertificateRequest.of(next, "gpu-07")))
        .isInstanceOfSatisfying(
            JoinAnswer.Issued.class,
            issued -> {
              assertThat(PeerIdentity.of(issued.certificate())).contains(node);
              assertThat(issued.certificate().getPublicKey()).isEqualTo(next.getPublic());
            });
    assertThat(enrolment.renew(node, shown, CertificateRequest.of(next, "gpu-08")))
        .isInstanceOfSatisfying(
            JoinAnswer.Refused.class,
            refused -> assertThat(refused.reason()).isEqualTo(Reason.OTHER_NAME));
  }

  @Test
  void theNodeRefusesACollectorOfAnotherAuthority() throws Exception {
    JoinToken token = enrolment.invite("gpu-07", HOUR);
    TestCertificates twin = new TestCertificates("hall-a");
    JoinTls tls = new JoinTls(token, site.clock());
    IOException failure =
        catchThrowableOfType(IOException.class, () -> overTls(token, twin.collector()));

    assertThat(tls.explain(failure).reason()).isEqualTo(Refusal.Reason.OTHER_AUTHORITY);
    assertThat(tls.explain(failure).sentence())
        .startsWith("the server was refused: the token is for the authority whose SHA-256 begins ");
  }

  /** A node of the site has the authority's certificate too, and is no collector. */
  @Test
  void theNodeRefusesANodeThatPosesAsCollector() throws Exception {
    JoinToken token = enrolment.invite("gpu-07", HOUR);
    IOException failure =
        catchThrowableOfType(IOException.class, () -> overTls(token, site.node("gpu-08")));

    assertThat(new JoinTls(token, site.clock()).explain(failure).reason())
        .isEqualTo(Refusal.Reason.WRONG_PURPOSE);
  }

  @Test
  void theNodeRefusesAServerThatIsNoCollector() throws Exception {
    JoinToken token = enrolment.invite("gpu-07", HOUR);
    Credentials posing =
        site.odd(
            List.of("millwright://hall-a/operator/admin/mallory"),
            List.of(Purpose.SERVER, Purpose.CLIENT));
    IOException failure = catchThrowableOfType(IOException.class, () -> overTls(token, posing));

    assertThat(new JoinTls(token, site.clock()).explain(failure).reason())
        .isEqualTo(Refusal.Reason.WRONG_ROLE);
  }

  @Test
  void theNodeRefusesWhatItDidNotAskFor() {
    JoinToken token = enrolment.invite("gpu-07", HOUR);
    Credentials other = site.node("gpu-07");
    byte[] answer = new JoinAnswer.Issued(other.certificate(), other.authority()).bytes();

    assertThat(new Joining(token).accept(answer))
        .isInstanceOfSatisfying(
            Joining.Refused.class,
            refused -> assertThat(refused.refusal().sentence()).contains("of another key"));
  }

  private Credentials joined(JoinToken token) {
    Joining joining = new Joining(token);
    return ((Joining.Joined) joining.accept(enrolment.answer(joining.request()).bytes()))
        .credentials();
  }

  /** The sentence, as the node gets it. */
  private String refused(JoinToken token, Reason reason) {
    return refusal(new Joining(token).request(), reason);
  }

  private String refusal(byte[] body, Reason reason) {
    JoinAnswer.Refused refused =
        (JoinAnswer.Refused) JoinAnswer.parse(enrolment.answer(body).bytes());
    assertThat(refused.reason()).isEqualTo(reason);
    return refused.sentence();
  }

  /** With a length before each body, as a session would frame it. */
  private Joining.Result overTls(JoinToken token, Credentials server) throws Exception {
    MutualTls tls = new MutualTls(server, site.clock());
    try (Accepting accepting = Accepting.with(tls.context(), tls.joinParameters())) {
      FutureTask<Boolean> serving = new FutureTask<>(() -> accepting.serve(this::serve));
      Threads.platform("server", serving).start();
      return join(token, accepting.port());
    }
  }

  private boolean serve(SSLSocket socket) throws IOException {
    DataInputStream in = new DataInputStream(socket.getInputStream());
    byte[] answer = enrolment.answer(in.readNBytes(in.readUnsignedShort())).bytes();
    DataOutputStream out = new DataOutputStream(socket.getOutputStream());
    out.writeShort(answer.length);
    out.write(answer);
    return true;
  }

  private Joining.Result join(JoinToken token, int port) throws IOException {
    Joining joining = new Joining(token);
    try (SSLSocket socket = new JoinTls(token, site.clock()).connect("localhost", port)) {
      socket.setSoTimeout(PATIENCE_MS);
      socket.startHandshake();
      byte[] request = joining.request();
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      out.writeShort(request.length);
      out.write(request);
      out.flush();
      DataInputStream in = new DataInputStream(socket.getInputStream());
      return joining.accept(in.readNBytes(in.readUnsignedShort()));
    }
  }
}
