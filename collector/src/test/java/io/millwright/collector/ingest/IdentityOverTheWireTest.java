package io.millwright.collector.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millwright.collector.audit.AuditLog;
import io.millwright.collector.identity.IdentityDesk;
import io.millwright.collector.join.JoinServer;
import io.millwright.collector.store.SqliteStore;
import io.millwright.collector.store.Txn;
import io.millwright.collector.trust.Authority;
import io.millwright.collector.trust.DemoTrust;
import io.millwright.collector.trust.Enrolment;
import io.millwright.collector.trust.EnrolmentDesk;
import io.millwright.collector.trust.Revocation;
import io.millwright.collector.trust.RevocationFiles;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.GoAwayReason;
import io.millwright.protocol.frames.Hash128;
import io.millwright.protocol.frames.JournalHead;
import io.millwright.protocol.frames.Moment;
import io.millwright.protocol.frames.Origin;
import io.millwright.protocol.frames.Payload;
import io.millwright.protocol.frames.Position;
import io.millwright.protocol.frames.ProtocolVersion;
import io.millwright.protocol.frames.SeriesSchema;
import io.millwright.protocol.frames.SpoolRange;
import io.millwright.protocol.tls.CertificateRequest;
import io.millwright.protocol.tls.Credentials;
import io.millwright.protocol.tls.JoinAnswer;
import io.millwright.protocol.tls.JoinFrame;
import io.millwright.protocol.tls.JoinRequest;
import io.millwright.protocol.tls.JoinToken;
import io.millwright.protocol.tls.Joining;
import io.millwright.protocol.tls.MutualTls;
import io.millwright.protocol.tls.PeerIdentity;
import io.millwright.protocol.tls.Refusal;
import io.millwright.protocol.tls.Renewing;
import io.millwright.protocol.tls.Role;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.job.Term;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Who gets a session and who gets its next certificate, over real sockets with real certificates, a
 * real store and the real files of what was revoked. Time is moved, never waited for.
 */
@SuppressWarnings("NullAway.Init") // set before each test
class IdentityOverTheWireTest {
  private static final String SITE = "test";
  private static final Duration GRACE = Duration.ofDays(30);
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final List<String> HERE = List.of("machine-id:1", "nic:a", "nic:b");
  private static final List<String> COPY = List.of("machine-id:1", "nic:y", "nic:z");

  @TempDir private Path directory;
  private final Moved clock = new Moved();
  private DemoTrust trust;
  private Authority authority;
  private SqliteStore store;
  private AuditLog audit;
  private IdentityDesk desk;
  private Ingested ingested;
  private IngestServer server;

  /** The machine's clock, and some time more. */
  private static final class Moved implements Clock {
    private volatile Duration by = Duration.ZERO;

    synchronized void pass(Duration more) {
      by = by.plus(more);
    }

    @Override
    public long nanos() {
      return Clock.system().nanos() + by.toNanos();
    }

    @Override
    public Instant wall() {
      return Clock.system().wall().plus(by);
    }

    @Override
    public void parkUntil(long nanos) {
      Clock.system().parkUntil(nanos - by.toNanos());
    }
  }

  @BeforeEach
  void start() throws IOException {
    trust = DemoTrust.create(directory.resolve("trust"), SITE, List.of("node1", "node2"), clock);
    authority = Authority.open(trust.authority(), clock);
    open(true);
  }

  private void open(boolean signs) {
    store = SqliteStore.open(directory.resolve("collector.db"));
    audit = AuditLog.open(store, clock);
    desk =
        IdentityDesk.open(
            store,
            audit,
            new RevocationFiles(trust.collector()),
            signs ? Optional.of(new EnrolmentDesk("renewals", enrolment(), 8)) : Optional.empty(),
            GRACE,
            clock);
    ingested = new Ingested(fact -> {}, news -> {}, () -> 0);
    server =
        new IngestServer(
            new IngestOptions(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                "collector",
                SITE,
                new Term(1, 2, 3),
                Duration.ofSeconds(1)),
            new MutualTls(Credentials.read(trust.collector()), desk.grace(), clock),
            desk,
            ingested,
            clock);
    server.start();
  }

  private Enrolment enrolment() {
    return Enrolment.of(trust.authority(), authority, clock);
  }

  @AfterEach
  void stop() {
    server.close();
    desk.close();
    store.close();
  }

  private void again(boolean signs) {
    stop();
    open(signs);
  }

  /** As a turn of the single writer would, some time later. */
  private void look() {
    clock.pass(Duration.ofSeconds(6));
    desk.look();
  }

  private static Frame.Hello hello(String node, List<String> hardware) {
    return new Frame.Hello(
        ProtocolVersion.SUPPORTED,
        new Origin(node, new UUID(1, 1), 7, "0.1"),
        Hash128.NONE,
        new SpoolRange(Position.NONE, Position.NONE),
        new Moment(1, 1),
        List.of(),
        new JournalHead(new UUID(1, 2), 0, 5, Term.NONE, 0),
        Frame.Hello.NO_EVENTS,
        "",
        hardware);
  }

  private Peer as(Path credentials) throws IOException {
    return new Peer(credentials, server.port());
  }

  private Peer open(Path credentials, String node, List<String> hardware) throws IOException {
    Peer peer = as(credentials);
    peer.send(hello(node, hardware));
    assertThat(peer.next()).isInstanceOf(Frame.Welcome.class);
    return peer;
  }

  private Frame.GoAway refused(Path credentials, String node, List<String> hardware)
      throws IOException {
    try (Peer peer = as(credentials)) {
      peer.send(hello(node, hardware));
      return peer.goAway();
    }
  }

  private Joining.Result renewed(Path credentials, List<String> hardware) throws IOException {
    Renewing renewing = new Renewing(Credentials.read(credentials));
    try (Peer peer = as(credentials)) {
      peer.send(new Frame.Renew(Payload.of(renewing.request()), hardware));
      return renewing.accept(((Frame.Renewed) peer.next()).answer().toByteArray());
    }
  }

  private static void answers(Peer peer) throws IOException {
    peer.send(new Frame.Ping(1, new Moment(1, 1)));
    assertThat(peer.next()).isInstanceOf(Frame.Pong.class);
  }

  private void revoke(Revocation.Kind kind, String subject) {
    Authority.register(trust.authority())
        .revoke(
            new Revocation(
                kind, subject, clock.wall().truncatedTo(ChronoUnit.SECONDS), "ops", "stolen"));
  }

  private List<String> audited() {
    return audit.entries(0, 100).stream().map(entry -> entry.draft().what()).toList();
  }

  // ---- renewal

  @Test
  void whoIsInGetsItsNextCertificateAndIsLetInWithIt() throws IOException {
    Joining.Joined next = (Joining.Joined) renewed(trust.node("node1"), HERE);
    Path fresh = directory.resolve("fresh");
    next.credentials().create(fresh);
    assertThat(Credentials.read(fresh).key())
        .isNotEqualTo(Credentials.read(trust.node("node1")).key());
    open(fresh, "node1", HERE).close();
  }

  /** Sixty days and a bit more than thirty: the certificate has ended, and may do one thing. */
  @Test
  void aCertificateThatEndedMayDoNothingButRenew() throws IOException {
    clock.pass(Duration.ofDays(100));
    Frame.GoAway away = refused(trust.node("node1"), "node1", HERE);
    assertThat(away.reason()).isEqualTo(GoAwayReason.REFUSED);
    assertThat(away.detail()).startsWith("the certificate of node node1 was refused: it ended at");
    assertThat(ingested.refusals(Refusal.Reason.EXPIRED)).isEqualTo(1);

    Joining.Joined next = (Joining.Joined) renewed(trust.node("node1"), HERE);
    next.credentials().create(directory.resolve("fresh"));
    open(directory.resolve("fresh"), "node1", HERE).close();
  }

  @Test
  void aCertificateThatEndedLongerAgoIsRefusedInTheHandshake() {
    clock.pass(Duration.ofDays(121));
    assertThatThrownBy(() -> renewed(trust.node("node1"), HERE)).isInstanceOf(IOException.class);
    await().atMost(LONG).until(() -> ingested.refusals(Refusal.Reason.EXPIRED) == 1);
  }

  @Test
  void withoutTheAuthoritysKeyNothingIsRenewedAndNoGraceGiven() throws IOException {
    again(false);
    Joining.Refused refused = (Joining.Refused) renewed(trust.node("node1"), HERE);
    assertThat(refused.refusal().reason()).isEqualTo(JoinAnswer.Reason.UNAVAILABLE);
    assertThat(refused.refusal().sentence()).contains("--authority");
    clock.pass(Duration.ofDays(91));
    assertThatThrownBy(() -> renewed(trust.node("node1"), HERE)).isInstanceOf(IOException.class);
  }

  @Test
  void aNodeRenewsItsOwnNameAndNoOther() throws IOException {
    byte[] request = CertificateRequest.of(CertificateRequest.newKeys(), "node2");
    try (Peer peer = as(trust.node("node1"))) {
      peer.send(new Frame.Renew(Payload.of(request), HERE));
      JoinAnswer.Refused refused =
          (JoinAnswer.Refused)
              JoinAnswer.parse(((Frame.Renewed) peer.next()).answer().toByteArray());
      assertThat(refused.reason()).isEqualTo(JoinAnswer.Reason.OTHER_NAME);
    }
  }

  /** A session that was opened with a certificate does not outlive it. */
  @Test
  void aSessionEndsWithItsCertificate() throws IOException {
    clock.pass(Duration.ofDays(90).minusSeconds(24));
    try (Peer session = open(trust.node("node1"), "node1", HERE)) {
      clock.pass(Duration.ofSeconds(8));
      answers(session);
      clock.pass(Duration.ofSeconds(8));
      answers(session);
      clock.pass(Duration.ofSeconds(9));
      Frame.GoAway away = session.goAway();
      assertThat(away.detail()).contains("it ended at");
      assertThat(away.retryAfterMillis()).as("back with the next one").isEqualTo(1000);
    }
  }

  // ---- revocation

  @Test
  void aRevokedNodesSessionIsClosedAndOthersGoOn() throws IOException {
    try (Peer revoked = open(trust.node("node1"), "node1", HERE);
        Peer other = open(trust.node("node2"), "node2", COPY)) {
      clock.pass(Duration.ofSeconds(2));
      revoke(Revocation.Kind.NODE, "node1");
      look();
      Frame.GoAway away = revoked.goAway();
      assertThat(away.reason()).isEqualTo(GoAwayReason.REFUSED);
      assertThat(away.detail()).contains("node node1").contains("revoked").contains("(stolen)");
      answers(other);
    }
    assertThat(refused(trust.node("node1"), "node1", HERE).detail()).contains("revoked");
    try (Peer renewing = as(trust.node("node1"))) {
      assertThat(renewing.goAway().detail()).contains("revoked");
    }
    assertThat(desk.revoked()).isEqualTo(1);
    assertThat(audited()).containsExactly("node.revoke");
    assertThat(ingested.refusals(Refusal.Reason.REVOKED)).isEqualTo(3);
  }

  /** It is issued after the revocation was made, and before its file is there. */
  @Test
  void aRenewalThatOvertakesItsRevocationIsRevokedToo() throws IOException {
    Revocation made = Revocation.made(Revocation.Kind.NODE, "node1", clock.wall(), "ops", "stolen");
    clock.pass(Duration.ofMillis(1_010 - clock.wall().toEpochMilli() % 1_000)); // the next second
    Joining.Joined next = (Joining.Joined) renewed(trust.node("node1"), HERE);
    Authority.register(trust.authority()).revoke(made);
    look();
    next.credentials().create(directory.resolve("fresh"));
    assertThat(refused(directory.resolve("fresh"), "node1", HERE).detail()).contains("revoked");
  }

  /** Its name is free 90 days after its certificate has ended, and so is the name's hardware. */
  @Test
  void whoTakesAFreeNameIsNotHeldToTheHardwareOfBefore() throws IOException {
    ((Joining.Joined) renewed(trust.node("node1"), HERE))
        .credentials()
        .create(directory.resolve("old"));
    open(directory.resolve("old"), "node1", HERE).close();
    look();
    clock.pass(Duration.ofDays(181));
    enrolment().carry("node1", false, made -> made.create(directory.resolve("new")));
    look();
    open(directory.resolve("new"), "node1", COPY).close();
    assertThat(audited()).containsExactly("node.repin");
  }

  /** Neither a restart nor somebody who removes the file takes a revocation back. */
  @Test
  void aRevocationOutlivesTheCollectorAndItsFile() throws IOException {
    revoke(Revocation.Kind.NODE, "node1");
    look();
    try (var files = Files.list(trust.collector().resolve("revoked"))) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    again(true);
    look();
    assertThat(refused(trust.node("node1"), "node1", HERE).detail()).contains("revoked");
    assertThat(audited()).as("once").containsExactly("node.revoke");
  }

  @Test
  void oneCertificateIsRevokedByItsSerialNumber() throws IOException {
    Joining.Joined next = (Joining.Joined) renewed(trust.node("node1"), HERE);
    next.credentials().create(directory.resolve("fresh"));
    BigInteger old = Credentials.read(trust.node("node1")).certificate().getSerialNumber();
    revoke(Revocation.Kind.SERIAL, Revocation.serial(old.toString(16)));
    look();
    assertThat(refused(trust.node("node1"), "node1", HERE).detail()).contains("revoked");
    open(directory.resolve("fresh"), "node1", HERE).close();
  }

  /** What the collector has not heard of yet, the desk that signs has. */
  @Test
  void aCertificateThatWasRevokedThisSecondRenewsNothing() throws IOException {
    revoke(Revocation.Kind.NODE, "node1");
    Joining.Refused refused = (Joining.Refused) renewed(trust.node("node1"), HERE);
    assertThat(refused.refusal().reason()).isEqualTo(JoinAnswer.Reason.NOT_ADMITTED);
  }

  @Test
  void aFileThatCannotBeReadHidesNoOther() throws IOException {
    Files.createDirectories(trust.collector().resolve("revoked"));
    Files.writeString(trust.collector().resolve("revoked/notes~"), "rubbish");
    look();
    assertThat(desk.readable()).isFalse();
    revoke(Revocation.Kind.NODE, "node1");
    look();
    assertThat(refused(trust.node("node1"), "node1", HERE).detail()).contains("revoked");
  }

  /** A whole fleet comes between two looks, and is in the store after the next. */
  @Test
  void theHardwareOfAllNodesIsKept() {
    int nodes = 3 * Txn.MOST_OPS;
    for (int i = 0; i < nodes; i++) {
      assertThat(desk.seen("n" + i, List.of("nic:" + i), "peer")).isEmpty();
    }
    look();
    assertThat(store.range("/mw/identity/pin/").values()).hasSize(nodes);
  }

  @Test
  void aFileThatCannotBeReadLeavesInForceWhatWasKnown() throws IOException {
    revoke(Revocation.Kind.NODE, "node1");
    look();
    Files.writeString(trust.collector().resolve("revoked/rubbish"), "rubbish");
    look();
    assertThat(desk.readable()).isFalse();
    assertThat(refused(trust.node("node1"), "node1", HERE).detail()).contains("revoked");
    Files.delete(trust.collector().resolve("revoked/rubbish"));
    look();
    assertThat(desk.readable()).isTrue();
  }

  // ---- replacement

  @Test
  void whoTakesANodesPlaceShutsOutTheOld() throws IOException {
    Credentials first = joined(enrolment().invite("node3", Duration.ofHours(1)));
    first.create(directory.resolve("first"));
    try (Peer old = open(directory.resolve("first"), "node3", HERE)) {
      assertThatThrownBy(() -> enrolment().invite("node3", Duration.ofHours(1)))
          .hasMessageContaining("node node3 is in already")
          .hasMessageContaining("--replace");
      Credentials second = joined(enrolment().invite("node3", Duration.ofHours(1), true));
      second.create(directory.resolve("second"));
      look();
      assertThat(old.goAway().detail()).contains("another machine joined in its place");
    }
    assertThat(refused(directory.resolve("first"), "node3", HERE).detail()).contains("revoked");
    open(directory.resolve("second"), "node3", COPY).close();
  }

  private Credentials joined(JoinToken token) {
    Joining joining = new Joining(token);
    return ((Joining.Joined) joining.accept(enrolment().answer(joining.request()).bytes()))
        .credentials();
  }

  // ---- clones

  @Test
  void aCopyOfTheDiskInOtherHardwareIsQuarantinedAndTheFirstStays() throws IOException {
    try (Peer first = open(trust.node("node1"), "node1", HERE)) {
      Frame.GoAway away = refused(trust.node("node1"), "node1", COPY);
      assertThat(away.reason()).isEqualTo(GoAwayReason.CLONE);
      assertThat(away.detail()).startsWith("node node1 is quarantined");
      try (Peer renewing = as(trust.node("node1"))) {
        renewing.send(new Frame.Renew(Payload.of(new byte[] {1}), COPY));
        assertThat(renewing.goAway().reason()).isEqualTo(GoAwayReason.CLONE);
      }
      answers(first);
    }
    assertThat(desk.quarantined()).containsExactly("node1");
    look();
    assertThat(audited()).as("once, however often it comes").containsExactly("node.quarantine");
    clock.pass(Duration.ofMinutes(11));
    assertThat(desk.quarantined()).as("it comes no more").isEmpty();
  }

  @Test
  void whatIsKnownOfANodesHardwareOutlivesTheCollector() throws IOException {
    open(trust.node("node1"), "node1", HERE).close();
    look();
    again(true);
    assertThat(refused(trust.node("node1"), "node1", COPY).reason()).isEqualTo(GoAwayReason.CLONE);
  }

  /** A card after the other may be exchanged: each session is compared with the one before. */
  @Test
  void aRepairedMachineIsTheSame() throws IOException {
    open(trust.node("node1"), "node1", HERE).close();
    open(trust.node("node1"), "node1", List.of("machine-id:2", "nic:b", "nic:c")).close();
    open(trust.node("node1"), "node1", List.of()).close();
    open(trust.node("node1"), "node1", List.of("nic:c", "nic:d")).close();
    assertThat(refused(trust.node("node1"), "node1", HERE).reason()).isEqualTo(GoAwayReason.CLONE);
  }

  @Test
  void theOperatorsWordLetsTheRebuiltMachineIn() throws IOException {
    open(trust.node("node1"), "node1", HERE).close();
    assertThat(refused(trust.node("node1"), "node1", COPY).reason()).isEqualTo(GoAwayReason.CLONE);
    clock.pass(Duration.ofSeconds(2));
    revoke(Revocation.Kind.HARDWARE, "node1");
    look();
    open(trust.node("node1"), "node1", COPY).close();
    assertThat(refused(trust.node("node1"), "node1", HERE).reason())
        .as("and now the other is the copy")
        .isEqualTo(GoAwayReason.CLONE);
    assertThat(audited()).containsExactlyInAnyOrder("node.quarantine", "node.repin");
  }

  /**
   * The operator's clock is ahead of the collector's; the next who speaks is pinned all the same.
   */
  @Test
  void aWordOfAClockThatIsAheadPinsWhoSpeaksNext() throws IOException {
    open(trust.node("node1"), "node1", HERE).close();
    clock.pass(Duration.ofHours(1));
    revoke(Revocation.Kind.HARDWARE, "node1");
    clock.pass(Duration.ofMinutes(-50));
    look();
    open(trust.node("node1"), "node1", COPY).close();
    assertThat(refused(trust.node("node1"), "node1", HERE).reason()).isEqualTo(GoAwayReason.CLONE);
  }

  // ---- accelerators, where no card is told

  private static Frame schema(String... serials) {
    List<Series> series = new ArrayList<>();
    for (String serial : serials) {
      List<String> labels = new ArrayList<>();
      for (String label : Metric.ACCELERATOR_INFO.labels()) {
        labels.add(label.equals("serial") ? serial : label.equals("node") ? "node1" : "x" + serial);
      }
      series.add(Series.of(Metric.ACCELERATOR_INFO, labels.toArray(String[]::new)));
    }
    return SeriesSchema.of(series).frame();
  }

  private Peer equipped(List<String> hardware, String... serials) throws IOException {
    Peer peer = open(trust.node("node1"), "node1", hardware);
    peer.send(schema(serials));
    return peer;
  }

  /** A container tells of the disk alone, which a copy has as well. */
  @Test
  void aCopyWithOtherAcceleratorsIsQuarantinedAndASwappedOneIsNot() throws IOException {
    List<String> disk = List.of("machine-id:1");
    try (Peer first = equipped(disk, "S1", "S2")) {
      answers(first);
    }
    try (Peer swapped = equipped(disk, "S1", "S3")) {
      answers(swapped);
    }
    look();
    again(true); // the pin is in the store
    try (Peer copy = equipped(disk, "S8", "S9")) {
      Frame.GoAway away = copy.goAway();
      assertThat(away.reason()).isEqualTo(GoAwayReason.CLONE);
    }
    look();
    assertThat(desk.quarantined()).containsExactly("node1");
    assertThat(audit.entries(0, 100).getLast().draft())
        .matches(draft -> draft.what().equals("node.quarantine"))
        .matches(draft -> draft.before().equals("S1 S3 S2") && draft.after().equals("S8 S9"));
    try (Peer first = equipped(disk, "S3")) {
      answers(first);
    }
  }

  @Test
  void aNodeThatTellsNoHardwareIsKnownByItsAccelerators() throws IOException {
    try (Peer first = equipped(List.of(), "S1", "S2")) {
      answers(first);
    }
    look();
    again(true); // the pin is in the store
    try (Peer copy = equipped(List.of(), "S8", "S9")) {
      assertThat(copy.goAway().reason()).isEqualTo(GoAwayReason.CLONE);
    }
    try (Peer first = equipped(List.of(), "S2")) {
      answers(first);
    }
  }

  @Test
  void aMachineWhoseCardIsKnownMayHaveOtherAccelerators() throws IOException {
    equipped(HERE, "S1", "S2").close();
    try (Peer repaired = equipped(HERE, "S8", "S9")) {
      answers(repaired);
    }
  }

  // ---- each certificate at each port

  /** What each port does with a certificate of each kind; the agents' side is tested with them. */
  @ParameterizedTest
  @CsvSource({
    "node, WELCOME, RENEWED",
    "another site's node, refused, refused",
    "viewer, GOAWAY wrong, GOAWAY wrong",
    "operator, GOAWAY wrong, GOAWAY wrong",
    "admin, GOAWAY wrong, GOAWAY wrong",
    "collector, GOAWAY wrong, GOAWAY wrong",
    "ended node, GOAWAY ended, RENEWED",
    "revoked node, GOAWAY revoked, GOAWAY revoked",
  })
  void aCertificateIsGoodForOnePort(String kind, String session, String renewal)
      throws IOException {
    Path shown = shown(kind);
    assertThat(outcome(shown, hello("node1", HERE))).startsWith(session);
    assertThat(
            outcome(
                shown,
                new Frame.Renew(
                    Payload.of(CertificateRequest.of(CertificateRequest.newKeys(), "node1")),
                    HERE)))
        .startsWith(renewal);
    assertThat(joins(shown)).as("a certificate is no token").isEqualTo("token-unknown");
  }

  private Path shown(String kind) {
    return switch (kind) {
      case "node" -> trust.node("node1");
      case "collector" -> trust.collector();
      case "ended node" -> ended();
      case "revoked node" -> revoked();
      case "another site's node" ->
          DemoTrust.create(directory.resolve("twin"), SITE, List.of("node1"), clock).node("node1");
      default -> operator(Role.ofWord(kind).orElseThrow());
    };
  }

  private Path ended() {
    clock.pass(Duration.ofDays(91));
    return trust.node("node1");
  }

  private Path revoked() {
    revoke(Revocation.Kind.NODE, "node1");
    look();
    return trust.node("node1");
  }

  private Path operator(Role role) {
    Path made = directory.resolve("operator");
    authority.issue(new PeerIdentity.Operator(SITE, role, "node1"), List.of()).create(made);
    return made;
  }

  private String outcome(Path credentials, Frame first) {
    try (Peer peer = as(credentials)) {
      peer.send(first);
      return switch (peer.next()) {
        case Frame.GoAway away when away.detail().contains("it ended at") -> "GOAWAY ended";
        case Frame.GoAway away when away.detail().contains("revoked") -> "GOAWAY revoked";
        case Frame.GoAway away when away.detail().contains("only a node is taken here") ->
            "GOAWAY wrong role";
        case Frame.GoAway away -> "GOAWAY " + away.detail();
        case Frame other -> other.type().name();
      };
    } catch (IOException refused) {
      return "refused";
    }
  }

  /** At the port for joining, with this certificate and a token that nobody made. */
  private String joins(Path credentials) throws IOException {
    JoinServer join =
        new JoinServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            new MutualTls(Credentials.read(trust.collector()), clock),
            enrolment(),
            clock);
    join.start();
    try (SSLSocket socket =
        new MutualTls(Credentials.read(credentials), clock).connect("127.0.0.1", join.port())) {
      socket.setSoTimeout(10_000);
      byte[] request = CertificateRequest.of(CertificateRequest.newKeys(), "node1");
      socket.getOutputStream().write(JoinFrame.of(JoinRequest.of("x".repeat(43), request).bytes()));
      return ((JoinAnswer.Refused) JoinAnswer.parse(JoinFrame.read(socket.getInputStream())))
          .reason()
          .word();
    } catch (IOException believesAnother) {
      return Credentials.read(credentials).authority().equals(authority.certificate())
          ? "cut"
          : "token-unknown";
    } finally {
      join.close();
    }
  }
}
