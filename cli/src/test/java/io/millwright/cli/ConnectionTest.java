package io.millwright.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millwright.cli.StandIn.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
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
    assertThat(sent()).contains("Bearer of-environment");
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
    assertThat(shell.err()).contains("is no JSON: is that a collector of this version?");
    collector.on("GET /v1/nodes", "[{\"node\":7}]");
    assertThat(shell.run("nodes")).isEqualTo(1);
    assertThat(shell.err()).contains("is no NodeView");
    collector.on("GET /v1/nodes", one -> Reply.json(404, "<html>"));
    assertThat(shell.run("nodes")).isEqualTo(1);
    assertThat(shell.err()).contains("has the HTTP status 404 and no reason");
    collector.on(
        "GET /v1/nodes",
        one -> new Reply(302, Map.of("Location", collector.url() + "/v1/other"), new byte[0]));
    assertThat(shell.run("nodes")).isEqualTo(1);
    assertThat(collector.lines()).doesNotContain("GET /v1/other");
  }
}
