package io.millwright.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millwright.cli.StandIn.Reply;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which collector is asked, with which token, and what is said when it does not answer well. */
class ConnectionTest {
  private static final String TOKEN = "secret-of-the-demo-0123456789";

  private final StandIn collector = new StandIn();

  @TempDir private Path home;
  private Shell shell;

  @BeforeEach
  void open() {
    shell = new Shell(home);
    collector.on("GET /v1/nodes", "[]");
  }

  @AfterEach
  void close() {
    collector.close();
  }

  private Path write(String name, String text, String permissions) throws IOException {
    Path file = home.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }

  private Path demo(String permissions) throws IOException {
    return write(
        "runtime/millwright-demo/cli.json",
        "{\"url\":\"%s/\",\"token\":\"%s\"}".formatted(collector.url(), TOKEN),
        permissions);
  }

  private Optional<String> sent() {
    return collector.asked().getLast().authorization();
  }

  @Test
  void takesAddressAndTokenOfTheDemo() throws IOException {
    demo("rw-------");
    assertThat(shell.run("nodes")).isZero();
    assertThat(sent()).contains("Bearer " + TOKEN);
    assertThat(shell.out() + shell.err()).doesNotContain(TOKEN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----"})
  void doesNotBelieveAFileThatOthersHaveAHandIn(String permissions) throws IOException {
    Path file = demo(permissions);
    write(".config/millwright/token", "mine", "rw-------");
    shell.run("nodes"); // of the usual address, where there may be one
    assertThat(shell.err()).startsWith(file + " is ignored: others may read it");
    assertThat(collector.asked()).isEmpty();
  }

  @Test
  void doesNotBelieveAFileOfSomebodyElse() throws IOException {
    Path file = demo("rw-------");
    assumeTrue(System.getProperty("user.name").equals("root"), "only root gives files away");
    Files.setAttribute(file, "unix:uid", 65534);
    shell.run("nodes");
    assertThat(shell.err()).startsWith(file + " is ignored: it is not yours");
    assertThat(collector.asked()).isEmpty();
  }

  @Test
  void doesNotBelieveALinkOrWhatHasNoAddress() throws IOException {
    Path file = demo("rw-------");
    Path elsewhere = Files.move(file, home.resolve("elsewhere"));
    Files.createSymbolicLink(file, elsewhere);
    shell.run("nodes");
    assertThat(shell.err()).startsWith(file + " is ignored: it is no plain file");
    Files.delete(file);
    write("runtime/millwright-demo/cli.json", "{\"url\":\"ftp://x\"}", "rw-------");
    shell.run("nodes");
    assertThat(shell.err()).contains("it has no address of a collector");
    write("runtime/millwright-demo/cli.json", "{", "rw-------");
    shell.run("nodes");
    assertThat(shell.err()).contains(file + " is ignored: it cannot be read");
    assertThat(collector.asked()).isEmpty();
  }

  @Test
  void looksForTheDemoInTheUsersOwnPlaceWithoutARuntimeDirectory() {
    Surroundings around =
        new Surroundings(
            Map.of(),
            home,
            "anna",
            System.in,
            System.out,
            System.err,
            false,
            io.millwright.protocol.clock.Clock.system(),
            java.util.List.of());
    assertThat(DemoFile.place(around))
        .isEqualTo(Path.of("/tmp/millwright-anna/millwright-demo/cli.json"));
  }

  @Test
  void keepsTheDemosTokenFromOtherCollectors() throws IOException {
    demo("rw-------");
    assertThat(shell.run("nodes", "--collector", collector.url())).isZero();
    assertThat(sent()).isEmpty();
    shell.env.put("MILLWRIGHT_COLLECTOR", collector.url());
    assertThat(shell.run("nodes")).isZero();
    assertThat(sent()).isEmpty();
    write(".config/millwright/token", "of-home\n", "rw-------");
    assertThat(shell.run("nodes")).isZero();
    assertThat(sent()).contains("Bearer of-home");
  }

  @Test
  void takesTheTokenThatIsNamedNearest() throws IOException {
    demo("rw-------");
    write(".config/millwright/token", "of-home", "rw-------");
    Path ofEnvironment = write("env-token", "of-environment\n", "rw-------");
    Path ofOption = write("option-token", "of-option", "rw-------");
    assertThat(shell.run("nodes")).isZero();
    assertThat(sent()).contains("Bearer " + TOKEN);
    shell.env.put("MILLWRIGHT_TOKEN_FILE", ofEnvironment.toString());
    assertThat(shell.run("nodes")).isZero();
    assertThat(sent()).contains("Bearer " + TOKEN); // the demo's own alone
    shell.env.put("MILLWRIGHT_COLLECTOR", collector.url());
    assertThat(shell.run("nodes")).isZero();
    assertThat(sent()).contains("Bearer of-environment");
    shell.env.remove("MILLWRIGHT_COLLECTOR");
    assertThat(shell.run("nodes", "--token-file", ofOption.toString())).isZero();
    assertThat(sent()).contains("Bearer of-option");
  }

  @Test
  void saysWhatIsWrongWithATokenFileAndNeverShowsIt() throws IOException {
    shell.env.put("MILLWRIGHT_COLLECTOR", collector.url());
    assertThat(shell.run("nodes", "--token-file", "/no/such")).isEqualTo(78);
    assertThat(shell.err()).contains("the token file /no/such is not there");
    Path two = write("two", "operator secret-word", "rw-------");
    assertThat(shell.run("nodes", "--token-file", two.toString())).isEqualTo(78);
    assertThat(shell.err()).contains("has no token").doesNotContain("secret-word");
    assertThat(shell.run("nodes", "--token-file", home.toString())).isEqualTo(78);
    assertThat(collector.asked()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1:9461", "ftp://host", "http://", "http://a:b@host", "x y"})
  void refusesWhatIsNoAddress(String url) {
    assertThat(shell.run("nodes", "--collector", url)).isEqualTo(64);
    assertThat(shell.err()).contains("--collector: '" + url + "'");
    shell.env.put("MILLWRIGHT_COLLECTOR", url);
    assertThat(shell.run("nodes")).isEqualTo(78);
    assertThat(shell.err()).contains("MILLWRIGHT_COLLECTOR: '" + url + "'");
  }

  @Test
  void saysThatNobodyIsThere() {
    shell.env.put("MILLWRIGHT_COLLECTOR", collector.url());
    collector.goAway();
    assertThat(shell.run("nodes")).isEqualTo(1);
    assertThat(shell.err())
        .startsWith("the collector " + collector.url() + " (as MILLWRIGHT_COLLECTOR says)")
        .contains("cannot be reached")
        .contains("--collector")
        .hasLineCount(1);
    assertThat(shell.run("run", "/bin/true")).isEqualTo(1);
    assertThat(shell.run("nodes", "--collector=http://no-such-host.invalid")).isEqualTo(1);
  }

  @Test
  void tellsHowToSendAToken() {
    shell.env.put("MILLWRIGHT_COLLECTOR", collector.url());
    for (int status : new int[] {401, 403}) {
      collector.on("GET /v1/nodes", one -> Reply.problem(status, "This needs the role viewer."));
      assertThat(shell.run("nodes")).isEqualTo(1);
      assertThat(shell.err())
          .endsWith(
              "This needs the role viewer.\n--token-file FILE names the file with the token to send\n");
    }
  }

  @Test
  void saysThatSomethingElseAnswers() {
    shell.env.put("MILLWRIGHT_COLLECTOR", collector.url());
    collector.on("GET /v1/nodes", "<html>");
    assertThat(shell.run("nodes")).isEqualTo(1);
    assertThat(shell.err()).contains("is no JSON; is it one of this version?");
    collector.on("GET /v1/nodes", "[{\"node\":7}]");
    assertThat(shell.run("nodes")).isEqualTo(1);
    assertThat(shell.err()).contains("is no NodeView");
    for (String list : new String[] {"null", "{}", "", "[null]", "[7]", "[{}]"}) {
      collector.on("GET /v1/nodes", list);
      assertThat(shell.run("nodes", "-o", "csv")).isEqualTo(1);
    }
    assertThat(shell.err().lines())
        .hasSize(8)
        .allMatch(line -> line.startsWith("the collector's answer is not understood: "));
    assertThat(shell.out()).isEmpty();
    collector.on("GET /v1/nodes", one -> Reply.json(404, "<html>"));
    assertThat(shell.run("nodes")).isEqualTo(1);
    assertThat(shell.err()).contains("has the HTTP status 404 and no reason");
    collector.on(
        "GET /v1/nodes",
        one -> new Reply(302, Map.of("Location", collector.url() + "/v1/other"), new byte[0]));
    assertThat(shell.run("nodes")).isEqualTo(1);
    assertThat(collector.lines()).doesNotContain("GET /v1/other");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"http://collector.example", "http://10.0.0.1:9461", "http://127.0.0.1.example"})
  void keepsATokenFromWhoListensOnTheWay(String url) throws IOException {
    write(".config/millwright/token", "of-home", "rw-------");
    assertThat(shell.run("nodes", "--collector", url)).isEqualTo(78);
    assertThat(shell.err())
        .startsWith("no token is sent to " + url)
        .doesNotContain("of-home")
        .hasLineCount(1);
  }

  @ParameterizedTest
  @CsvSource({
    "http://127.9.0.1:1,true",
    "http://[::1]:1,true",
    "http://LOCALHOST,true",
    "https://collector.example,true",
    "http://[::2]:1,false",
    "http://localhost.example,false"
  })
  void knowsWhereNobodyListens(String url, boolean guarded) {
    assertThat(new Address(url, "", Optional.empty()).guarded()).isEqualTo(guarded);
  }

  @Test
  void believesADemoOnlyInDirectoriesOfItsUser() throws IOException {
    Path file = demo("rw-------");
    Path room = home.resolve("runtime/millwright-demo");
    for (Path directory : new Path[] {room, home.resolve("runtime")}) {
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxr-x"));
      shell.run("nodes");
      assertThat(shell.err()).contains(file + " is ignored: " + directory + " is no directory");
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    }
    Path moved = Files.move(room, home.resolve("moved"));
    Files.createSymbolicLink(room, moved);
    Shell other = new Shell(home);
    other.run("nodes");
    assertThat(other.err()).contains(file + " is ignored: " + room + " is no directory");
    assertThat(collector.asked()).isEmpty();
  }

  @Test
  void ignoresADemoThatIsTooLongOrDeadAlready() throws IOException {
    String name = "runtime/millwright-demo/cli.json";
    String text = "{\"url\":\"%s\",\"pid\":%d,\"start\":%s}";
    long pid = ProcessHandle.current().pid();
    String stat = Files.readString(Path.of("/proc/self/stat"));
    String start = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[19];
    write(name, text.formatted(collector.url(), pid, start), "rw-------");
    assertThat(shell.run("nodes")).isZero();
    assertThat(collector.asked()).hasSize(1);
    write(name, text.formatted(collector.url(), pid, "7"), "rw-------");
    shell.run("nodes");
    write(name, text.formatted(collector.url(), 1 << 30, start), "rw-------");
    shell.run("nodes");
    assertThat(shell.err()).doesNotContain("ignored");
    write(name, " ".repeat(4096) + text.formatted(collector.url(), pid, start), "rw-------");
    shell.run("nodes");
    assertThat(shell.err()).contains("it has more than 4096 bytes");
    assertThat(collector.asked()).hasSize(1);
  }

  @Test
  void refusesATokenFileThatOthersReadOrThatIsTooLong() throws IOException {
    shell.env.put("MILLWRIGHT_COLLECTOR", collector.url());
    Path open = write("open", "word", "rw-r-----");
    assertThat(shell.run("nodes", "--token-file", open.toString())).isEqualTo(78);
    assertThat(shell.err()).contains("others may read or write it");
    Path big = write("big", "word" + " ".repeat(4096), "rw-------");
    assertThat(shell.run("nodes", "--token-file", big.toString())).isEqualTo(78);
    assertThat(shell.err()).contains("at most 4096 bytes");
    assumeTrue(System.getProperty("user.name").equals("root"), "only root gives files away");
    Path foreign = write("foreign", "word", "rw-------");
    Files.setAttribute(foreign, "unix:uid", 65534);
    assertThat(shell.run("nodes", "--token-file", foreign.toString())).isEqualTo(78);
    assertThat(shell.err()).contains("it is that of uid 65534");
    assertThat(collector.asked()).isEmpty();
  }

  /** Headers at once, and the body never. */
  @Test
  void boundsTheWholeAnswer() throws Exception {
    try (ServerSocket slow = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      CountDownLatch done = new CountDownLatch(1);
      Thread.ofVirtual().start(() -> halfAnAnswer(slow, done));
      Address address =
          new Address("http://127.0.0.1:" + slow.getLocalPort(), "test", Optional.empty());
      CollectorException late =
          catchThrowableOfType(
              CollectorException.class,
              () -> new Collector(address, Duration.ofSeconds(1)).get("/v1/nodes"));
      done.countDown();
      assertThat(late.kind()).isEqualTo(CollectorException.Kind.AWAY);
      assertThat(late.sentence()).contains("no whole answer within 1 s");
    }
  }

  private static void halfAnAnswer(ServerSocket slow, CountDownLatch done) {
    try (Socket one = slow.accept()) {
      one.getOutputStream().write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[".getBytes(UTF_8));
      done.await();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void tellsWhyACollectorCannot() {
    shell.env.put("MILLWRIGHT_COLLECTOR", collector.url());
    for (int status : new int[] {500, 503}) {
      collector.on("GET /v1/nodes", one -> Reply.problem(status, "The store is broken."));
      assertThat(shell.run("nodes")).isEqualTo(1);
    }
    assertThat(shell.err()).isEqualTo("The store is broken.\n".repeat(2));
  }

  @Test
  void refusesWhatCannotProveWhoItIs() {
    String url = collector.url().replace("http:", "https:");
    assertThat(shell.run("nodes", "--collector", url)).isEqualTo(1);
    assertThat(shell.err()).hasLineCount(1);
  }
}
