package io.millwright.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.millwright.collector.store.SendQueue;
import io.millwright.collector.store.SqliteStore;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** The mistakes of somebody who sets a collector up for the first time. */
class ConfigCommandTest {
  private static final String TOKEN = "operator ops 0123456789abcdefghij\n";

  @TempDir private static Path authority = Path.of("");
  @TempDir private Path directory = Path.of("");

  private record Ran(int code, String out, String err) {}

  /** What is changed of a configuration that is good. */
  interface Mistake {
    List<String> made(Path directory) throws IOException;
  }

  /** Keys take their time. */
  @BeforeAll
  static void keys() {
    assertThat(Main.run("collector", "ca", "init", "--dir", authority + "/ca", "--site", "hall-a"))
        .isZero();
  }

  @BeforeEach
  void site() throws IOException {
    write("tokens", TOKEN);
    write("racks.csv", "node,rack\nn1,r1\n");
    write("policy.yaml", "settle: 30s\n");
    write("remote-write.yaml", "url: http://127.0.0.1:9090/api/v1/write\n");
    write("secret", "0123456789abcdef0123\n");
    write("slurm.yaml", "opened: [/bin/true, '{node}']\n");
    Files.createDirectory(directory.resolve("data"));
    SqliteStore.open(directory.resolve("data/collector.db")).close();
  }

  @Test
  void aGoodOneIsGoodAlsoBesideACollectorThatHasTheStoreOpen() throws IOException {
    byte[] before;
    try (SqliteStore open = SqliteStore.open(directory.resolve("data/collector.db"))) {
      before = Files.readAllBytes(directory.resolve("data/collector.db"));
      Ran ran = check(List.of());
      assertThat(ran.err()).isEmpty();
      assertThat(ran.out()).isEqualTo("configuration is good\n");
      assertThat(ran.code()).isZero();
      assertThat(open.term().number()).isEqualTo(2);
      assertThat(Files.readAllBytes(directory.resolve("data/collector.db")))
          .as("nothing is written")
          .isEqualTo(before);
    }
  }

  static Stream<Arguments> mistakes() {
    return Stream.of(
        mistake(
            d -> List.of("--tokens", d + "/nope"),
            "--tokens: DIR/nope: no such file; name one that is there, or leave the option out if the site has none"),
        mistake(
            d -> {
              Files.setPosixFilePermissions(
                  d.resolve("tokens"), PosixFilePermissions.fromString("rw-r--r--"));
              return List.of();
            },
            "--tokens: DIR/tokens may be read or written by others: make it so that only you can (chmod 600)"),
        mistake(
            d -> {
              Files.writeString(d.resolve("tokens"), "root ops 0123456789abcdefghij\n");
              return List.of();
            },
            "--tokens: DIR/tokens:1 is no token: a line is ROLE NAME TOKEN, with a role of viewer, operator or admin and a token of at least 20 characters"),
        mistake(
            d -> List.of("--credentials", authority + "/ca"),
            "--credentials: SITE/ca/identity.pem is not there; 'millwright collector ca init' makes the collector's credentials"),
        mistake(
            d -> List.of("--policy", d.toString()),
            "--policy: DIR is a directory; allowed is a file: name the one in it"),
        mistake(
            d -> {
              Files.writeString(d.resolve("policy.yaml"), "setle: 30s\n");
              return List.of();
            },
            "--policy: policy DIR/policy.yaml: setle: no such field; did you mean 'settle'?"),
        mistake(
            d -> {
              Files.writeString(d.resolve("racks.csv"), "host,rack\nn1,r1\n");
              return List.of();
            },
            "--racks: DIR/racks.csv: "),
        mistake(
            d -> List.of("--uplink", "127.0.0.1:9461"),
            "--uplink: port 9461 is --http's too; allowed is a port of its own, as 9461 for --http, 9462 for --uplink and 9463 for --join"),
        mistake(
            d -> List.of("--http", "192.0.2.77:9461"),
            "--http: '192.0.2.77' is no address of this machine; allowed is one that 'ip address' lists, or 0.0.0.0 for all of them"),
        mistake(
            d -> List.of("--host", "https://collector.site:9461"),
            "--host: 'https://collector.site:9461' is refused; allowed is a name or an address without scheme and port, as collector.site"),
        mistake(
            d -> List.of("--join", "127.0.0.1:9463"),
            "--join needs --authority: where nodes join, and by whose key"),
        mistake(
            d -> {
              Main.run("collector", "ca", "init", "--dir", d + "/other", "--site", "hall-b");
              return List.of("--join", "127.0.0.1:9463", "--authority", d + "/other");
            },
            "--authority: the authority in DIR/other did not issue the collector's certificate in SITE/ca/collector, so who joins would be refused: name the authority that did"),
        mistake(
            d -> {
              Files.writeString(d.resolve("remote-write.yaml"), "url: 127.0.0.1:9090\n");
              return List.of();
            },
            "--remote-write: remote write DIR/remote-write.yaml: url: "),
        mistake(
            d -> {
              Files.writeString(
                  d.resolve("otlp.yaml"), "url: http://127.0.0.1:4318/v1/metrics\nurls: x\n");
              return List.of("--otlp", d + "/otlp.yaml");
            },
            "--otlp: OTLP DIR/otlp.yaml: urls: no such field; did you mean 'url'?"),
        mistake(
            d -> List.of("--redirect", "collector2.site"),
            "--redirect: 'collector2.site' is refused; allowed is HOST:PORT of another collector's port for agents, as collector2.site:9462"),
        mistake(
            d -> Collections.nCopies(9, "--redirect=collector2.site:9462"),
            "--redirect: 9 of them are refused; allowed are up to 8"),
        mistake(
            d -> List.of("--redirect", "c2.site:9462", "--plain-uplink"),
            "--redirect: it is refused with --plain-uplink, for agents follow only a collector that shows a certificate; leave one of them out"),
        mistake(
            d -> List.of("--alertmanager", "127.0.0.1:9093/x"),
            "--alertmanager: '127.0.0.1:9093/x' is refused; allowed is an address such as http://127.0.0.1:9093"),
        mistake(
            d -> List.of("--data", d + "/tokens"),
            "--data: DIR/tokens is no directory; allowed is one of this collector's own: name another"),
        mistake(
            d -> {
              Path store = d.resolve("data/collector.db");
              byte[] bytes = Files.readAllBytes(store);
              java.util.Arrays.fill(bytes, 4096, bytes.length, (byte) 0x5a);
              Files.write(store, bytes);
              return List.of();
            },
            "; move it aside and restore a backup ('millwright collector restore')"),
        mistake(
            d -> {
              Path queue = d.resolve("data/remote-write-late.db");
              SendQueue.open(queue, 1 << 20).close();
              byte[] bytes = Files.readAllBytes(queue);
              java.util.Arrays.fill(bytes, 60, 72, (byte) 0x5a);
              Files.write(queue, bytes);
              return List.of();
            },
            "--data: queue DIR/data/remote-write-late.db: it is no queue that this collector reads; "),
        mistake(
            d -> {
              Files.writeString(d.resolve("data/remote-write.db"), "rubbish");
              return List.of();
            },
            "--data: queue DIR/data/remote-write.db: it cannot be read; "),
        mistake(
            d -> List.of("--history-mebibytes", "0"),
            "--history-mebibytes: '0' is refused; allowed is 1 to "));
  }

  private static Arguments mistake(Mistake mistake, String sentence) {
    return arguments(mistake, sentence);
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("mistakes")
  void aMistakeIsOneSentence(Mistake mistake, String sentence) throws IOException {
    Ran ran = check(mistake.made(directory));
    boolean usage = sentence.startsWith("--join needs") || sentence.startsWith("--history");
    assertThat(ran.code()).as(ran.out() + ran.err()).isEqualTo(usage ? 64 : 78);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err().replace(directory.toString(), "DIR").replace(authority.toString(), "SITE"))
        .contains(sentence);
    assertThat(ran.err().strip().lines()).as(ran.err()).hasSize(1);
  }

  @Test
  void allOfThemAreSaidAtOnceAndByRunToo() throws IOException {
    write("policy.yaml", "setle: 30s\n");
    write("remote-write.yaml", "url: 127.0.0.1:9090\n");
    List<String> more = List.of("--host", "a b", "--tokens", path("nope"));
    Ran ran = check(more);
    assertThat(ran.err().lines().map(line -> line.replaceAll(":.*", "")))
        .containsExactly("--host", "--tokens", "--policy", "--remote-write");
    assertThat(ran.code()).isEqualTo(78);
    assertThat(run("run", more).code()).isEqualTo(78);
  }

  @Test
  void whatMayNotBeReadIsSaidWithTheUserWhoMayNot() throws IOException {
    Path file = directory.resolve("policy.yaml");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
    if (Files.isReadable(file)) {
      return; // root reads everything
    }
    assertThat(check(List.of()).err())
        .contains(
            "may not be read by the user %s; let the file"
                .formatted(System.getProperty("user.name")));
  }

  private Ran check(List<String> more) {
    return run("config", more);
  }

  private Ran run(String verb, List<String> more) {
    List<String> words = new ArrayList<>(List.of("collector", verb));
    if (verb.equals("config")) {
      words.add("check");
    }
    words.addAll(
        List.of(
            "--credentials", authority + "/ca/collector",
            "--data", path("data"),
            "--tokens", path("tokens"),
            "--racks", path("racks.csv"),
            "--policy", path("policy.yaml"),
            "--remote-write", path("remote-write.yaml"),
            "--scheduler", path("slurm.yaml"),
            "--webhook", "https://pager.site/hook",
            "--webhook-secret", path("secret")));
    words.addAll(more);
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line =
        new CommandLine(new Main())
            .setOverwrittenOptionsAllowed(true)
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true));
    int code = line.execute(words.toArray(String[]::new));
    return new Ran(code, out.toString(), err.toString());
  }

  private String path(String name) {
    return directory.resolve(name).toString();
  }

  private void write(String name, String text) {
    try {
      Path file = directory.resolve(name);
      Files.writeString(file, text);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
