package io.millwright.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millwright.agent.events.Chronicle;
import io.millwright.agent.events.Limits;
import io.millwright.agent.uplink.Uplink;
import io.millwright.agent.uplink.UplinkOptions;
import io.millwright.collector.Collector;
import io.millwright.collector.CollectorOptions;
import io.millwright.collector.fleet.Link;
import io.millwright.collector.trust.Authority;
import io.millwright.collector.trust.DemoTrust;
import io.millwright.collector.trust.Enrolment;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.tls.Credentials;
import io.millwright.protocol.tls.Fingerprint;
import io.millwright.protocol.tls.JoinFrame;
import io.millwright.protocol.tls.JoinRequest;
import io.millwright.protocol.tls.JoinToken;
import io.millwright.protocol.tls.MutualTls;
import io.millwright.protocol.tls.PeerIdentity;
import io.millwright.protocol.tls.SecretFiles;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** {@code millwright agent join} as it is typed, against a whole collector. */
@SuppressWarnings("NullAway.Init") // set before each test
class JoinCommandTest {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir private Path directory;
  private final Clock clock = Clock.system();
  private DemoTrust trust;
  private Collector collector;
  private Path credentials;

  private record Ran(int code, String out, String err) {}

  @BeforeEach
  void startCollector() throws IOException {
    trust = DemoTrust.create(directory.resolve("site"), "hall-a", List.of(), clock);
    collector = collector(trust, "data");
    credentials = directory.resolve("node");
  }

  private Collector collector(DemoTrust of, String data) throws IOException {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    Collector made =
        new Collector(
            new CollectorOptions(
                any,
                any,
                of.collector(),
                directory.resolve(data),
                Optional.empty(),
                Set.of(),
                Optional.of(new CollectorOptions.Joining(any, of.authority()))),
            clock);
    made.start();
    return made;
  }

  @AfterEach
  void stopCollector() {
    collector.close();
  }

  @Test
  void whoJoinedIsLetInByTheAgentsPort() throws IOException {
    Ran ran = join(file(invite("gpu-07")));

    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.err()).isEmpty();
    assertThat(ran.out())
        .isEqualTo(
            "node gpu-07 of site hall-a joined, until %s; next: set collector.address: 127.0.0.1:9462 (its port for agents) and, where they are not so anyway, collector.credentials: %s and node.name: gpu-07, and restart the agent\n"
                .formatted(
                    Credentials.read(credentials).certificate().getNotAfter().toInstant(),
                    credentials));
    assertThat(content(credentials).keySet()).containsExactly("ca.pem", "identity.pem");
    assertThat(mode(credentials)).isEqualTo("rwx------");
    assertThat(mode(credentials.resolve("identity.pem"))).isEqualTo("rw-------");
    assertThat(connects("gpu-07")).isTrue();
  }

  private boolean connects(String node) {
    Uplink uplink =
        new Uplink(
            new UplinkOptions("127.0.0.1", collector.uplinkPort(), node, new UUID(0, 1), "test"),
            () -> new MutualTls(Credentials.read(credentials), clock),
            "hall-a",
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            new Chronicle(
                new Chronicle.Settings(
                    node, "boot", credentials.resolve("events"), Limits.USUAL, false),
                clock),
            Optional.empty(),
            new Random(),
            clock);
    uplink.start();
    try {
      await().atMost(SOON).until(() -> uplink.connected() && linked(node));
      return true;
    } finally {
      uplink.stop(SOON);
    }
  }

  private boolean linked(String node) {
    return collector
        .fleet()
        .node(node)
        .filter(known -> known.link(clock.nanos()) == Link.CONNECTED)
        .isPresent();
  }

  @Test
  void takesTheTokenFromAPipe() throws IOException {
    InputStream usual = System.in;
    System.setIn(new ByteArrayInputStream(invite("gpu-07").text().getBytes(UTF_8)));
    try {
      assertThat(join("-").code()).isZero();
    } finally {
      System.setIn(usual);
    }
    assertThat(Credentials.read(credentials).identity().words()).isEqualTo("node gpu-07");
  }

  @Test
  void aTokenIsGoodOnce() throws IOException {
    String token = file(invite("gpu-07"));
    assertThat(join(token).code()).isZero();
    Map<String, String> before = content(credentials);

    assertThat(refused(1, join(token, "--replace")))
        .startsWith("the token of node gpu-07 was used already");
    assertThat(content(credentials)).isEqualTo(before);
  }

  @Test
  void aTokenThatEndedIsRefused() throws IOException {
    Enrolment anHourAgo =
        new Enrolment(
            Authority.open(trust.authority(), clock),
            Authority.tokens(trust.authority()),
            Authority.register(trust.authority()),
            new Behind(HOUR));
    String token = file(anHourAgo.invite("gpu-07", Duration.ofMinutes(5)));

    assertThat(refused(1, join(token))).startsWith("the token of node gpu-07 ended at ");
    assertThat(credentials).doesNotExist();
  }

  @Test
  void aTokenOfAnotherNodeIsRefusedHere() throws IOException {
    JoinToken token = invite("gpu-07");

    assertThat(refused(78, join(file(token), "--node", "gpu-08")))
        .isEqualTo(
            "the token is for node gpu-07, and this is node gpu-08: ask for a token of its own");
    assertThat(join(file(token), "--node", "gpu-07").code()).as("it was not used up").isZero();
  }

  @Test
  void aTokenThatWasMadeAnotherNodesIsRefusedThere() throws IOException {
    JoinToken token = invite("gpu-07");
    PeerIdentity.Node other = new PeerIdentity.Node("hall-a", "gpu-08");

    assertThat(refused(1, join(file(new JoinToken(other, token.authority(), token.secret())))))
        .startsWith("node 'gpu-08' was refused: the right to join is node gpu-07's");
    assertThat(credentials).doesNotExist();
  }

  @Test
  void aTokenOfAnotherAuthorityIsNotSent() throws IOException {
    JoinToken token = invite("gpu-07");
    JoinToken elsewhere = new JoinToken(token.node(), Fingerprint.of("another"), token.secret());

    assertThat(refused(1, join(file(elsewhere))))
        .startsWith("the server was refused: the token is for the authority whose SHA-256 begins ");
    assertThat(credentials).doesNotExist();
    assertThat(join(file(token)).code()).isZero();
  }

  @Test
  void aDamagedTokenIsRefusedAndNotShown() throws IOException {
    JoinToken token = invite("gpu-07");
    Path damaged = directory.resolve("damaged");
    SecretFiles.createFile(damaged, token.text().replace("mwjoin1", "mwjoin"));

    assertThat(refused(78, join(damaged.toString())))
        .startsWith("the join token cannot be read: allowed is the one line")
        .doesNotContain(token.secret());
  }

  @Test
  void aTokenThatOthersMayReadIsRefused() throws IOException {
    String token = file(invite("gpu-07"));
    Files.setPosixFilePermissions(Path.of(token), PosixFilePermissions.fromString("rw-r--r--"));

    assertThat(refused(78, join(token))).endsWith("nobody else reads it: chmod 600 " + token);
    assertThat(credentials).doesNotExist();
  }

  /** The collector's word, whatever this node's files say. */
  @Test
  void aNameThatIsInNeedsATokenThatReplaces() throws IOException {
    String early = file(invite("gpu-07"));
    join(file(invite("gpu-07")));
    Map<String, String> before = content(credentials);

    assertThat(refused(1, join(early, "--replace")))
        .startsWith("node gpu-07 is in already")
        .contains("--replace");
    assertThat(content(credentials)).isEqualTo(before);
    assertThat(connects("gpu-07")).isTrue();
  }

  @Test
  void anIdentityThatIsThereStays() throws IOException {
    join(file(invite("gpu-07")));
    Map<String, String> before = content(credentials);
    String second = file(inviteAgain("gpu-07"));

    assertThat(refused(78, join(second)))
        .startsWith(credentials + " holds the identity of node gpu-07 of site hall-a, until ")
        .endsWith(" already: nothing was done; --replace joins in its place");
    assertThat(content(credentials)).isEqualTo(before);
    assertThat(join(second, "--replace").code()).as("it was not used up").isZero();
    assertThat(content(credentials).get("identity.pem")).isNotEqualTo(before.get("identity.pem"));
    assertThat(connects("gpu-07")).isTrue();
  }

  /** Key, certificate and authority change in one step; other files of the directory stay. */
  @Test
  void replacesTheIdentityOfAnotherSite() throws IOException {
    DemoTrust old = DemoTrust.create(directory.resolve("old"), "hall-b", List.of("gpu-07"), clock);
    credentials = old.node("gpu-07");
    Files.writeString(credentials.resolve("notes"), "mine");

    assertThat(join(file(invite("gpu-07")), "--replace").code()).isZero();

    assertThat(Credentials.read(credentials).identity().site()).isEqualTo("hall-a");
    assertThat(content(credentials).keySet()).containsExactly("ca.pem", "identity.pem", "notes");
    assertThat(content(credentials).get("ca.pem"))
        .isEqualTo(Files.readString(trust.authority().resolve("ca.pem")));
    assertThat(connects("gpu-07")).isTrue();
  }

  @Test
  void aCollectorThatIsNotThereChangesNothing() throws IOException {
    join(file(invite("gpu-07")));
    Map<String, String> before = content(credentials);
    String token = file(inviteAgain("gpu-07"));
    int port = closedPort();

    assertThat(refused(1, run(port, token, "--replace")))
        .startsWith("the collector at 127.0.0.1:%d cannot be reached".formatted(port));
    assertThat(content(credentials)).isEqualTo(before);
  }

  @Test
  void aCollectorThatDiesInTheMiddleChangesNothing() throws Exception {
    join(file(invite("gpu-07")));
    Map<String, String> before = content(credentials);
    MutualTls tls = new MutualTls(Credentials.read(trust.collector()), clock);
    try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      listening.setSoTimeout((int) SOON.toMillis());
      FutureTask<byte[]> dying =
          new FutureTask<>(() -> {
            try (Socket raw = listening.accept();
                SSLSocket socket =
                    (SSLSocket) tls.context().getSocketFactory().createSocket(raw, null, true)) {
              socket.setSSLParameters(tls.joinParameters());
              return JoinFrame.read(socket.getInputStream());
            }
          });
      Threads.platform("collector", dying).start();

      assertThat(
              refused(1, run(listening.getLocalPort(), file(inviteAgain("gpu-07")), "--replace")))
          .contains("ended the connection before it answered");
      assertThat(JoinRequest.parse(dying.get(SOON.toSeconds(), TimeUnit.SECONDS))).isPresent();
    }
    assertThat(content(credentials)).isEqualTo(before);
  }

  @Test
  void theAgentsPortIsNotTheOneForJoining() throws IOException {
    int port = collector.uplinkPort();

    assertThat(refused(1, run(port, file(invite("gpu-07")))))
        .isEqualTo(
            "the collector at 127.0.0.1:%d is for nodes that have joined: name its port for joining, the one of 'collector run --join'"
                .formatted(port));
    assertThat(credentials).doesNotExist();
  }

  @Test
  void twoAtOnceDoNotMix() throws IOException {
    Files.createDirectories(credentials);
    Files.writeString(credentials.resolve("join.partial"), "");
    String token = file(invite("gpu-07"));

    assertThat(refused(78, join(token)))
        .isEqualTo(
            credentials.resolve("join.partial")
                + " is left of an attempt that was interrupted, or another is at work: remove it and try again");
    Files.delete(credentials.resolve("join.partial"));
    assertThat(join(token).code()).as("it was not used up").isZero();
  }

  @Test
  void aDirectoryThatCannotBeMadeUsesUpNoToken() throws IOException {
    String token = file(invite("gpu-07"));
    Path file = Files.writeString(directory.resolve("file"), "");
    credentials = file.resolve("node");

    assertThat(refused(78, join(token))).startsWith("making the directory " + credentials);
    credentials = directory.resolve("node");
    assertThat(join(token).code()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--token-file t|--collector",
        "--collector c:9463|--token-file",
        "--collector c --token-file t|'c' is no HOST:PORT, as collector.site:9463",
        "--collector c:0 --token-file t|'c:0' is no HOST:PORT",
        "--collector c:70000 --token-file t|'c:70000' is no HOST:PORT",
        "--collector c:9463 --token-file t --node ../x|node: '../x' is refused",
        "--collector c:9463 --token-file t --token x|'--token x' is not known here",
      })
  void refusesWhatIsWrong(String arguments, String sentence) {
    Ran ran = run(Stream.of(("agent join " + arguments).split(" ")).toList());

    assertThat(ran.code()).isEqualTo(64);
    assertThat(ran.err()).contains(sentence);
  }

  // ---- a node and its site

  private JoinToken invite(String node) {
    return Enrolment.of(trust.authority(), Authority.open(trust.authority(), clock), clock)
        .invite(node, HOUR);
  }

  /** Of a name that is in already. */
  private JoinToken inviteAgain(String node) {
    return Enrolment.of(trust.authority(), Authority.open(trust.authority(), clock), clock)
        .invite(node, HOUR, true);
  }

  private String file(JoinToken token) throws IOException {
    Path file = Files.createTempDirectory(directory, "token").resolve("token");
    SecretFiles.createFile(file, token.text());
    return file.toString();
  }

  private Ran join(String token, String... more) {
    return run(collector.joinPort().orElseThrow(), token, more);
  }

  private Ran run(int port, String token, String... more) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "agent",
                "join",
                "--collector",
                "127.0.0.1:" + port,
                "--token-file",
                token,
                "--credentials",
                credentials.toString()));
    words.addAll(List.of(more));
    return run(words);
  }

  private static Ran run(List<String> words) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = Main.commandLine(new Main());
    line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    int code = line.execute(words.toArray(String[]::new));
    return new Ran(code, out.toString(), err.toString());
  }

  private static String refused(int code, Ran ran) {
    assertThat(ran.code()).as(ran.out() + ran.err()).isEqualTo(code);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err().lines()).hasSize(1);
    return ran.err().strip();
  }

  private static int closedPort() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return taken.getLocalPort();
    }
  }

  private static Map<String, String> content(Path of) throws IOException {
    Map<String, String> found = new TreeMap<>();
    try (Stream<Path> files = Files.list(of)) {
      for (Path file : files.toList()) {
        found.put(String.valueOf(file.getFileName()), Files.readString(file));
      }
    }
    return found;
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  /** A clock that is behind. */
  private record Behind(Duration by) implements Clock {
    @Override
    public long nanos() {
      return Clock.system().nanos();
    }

    @Override
    public Instant wall() {
      return Clock.system().wall().minus(by);
    }

    @Override
    public void parkUntil(long nanos) {
      Clock.system().parkUntil(nanos);
    }
  }
}
