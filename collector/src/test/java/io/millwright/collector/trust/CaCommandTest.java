package io.millwright.collector.trust;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.orders.OrderKey;
import io.millwright.protocol.orders.OrderSigner;
import io.millwright.protocol.tls.Credentials;
import io.millwright.protocol.tls.JoinToken;
import io.millwright.protocol.tls.Joining;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What a person types. */
class CaCommandTest {
  @TempDir private Path directory = Path.of("");

  private record Ran(int code, String out, String err) {}

  @Test
  void makesAnAuthorityAndATokenThatANodeJoinsWith() throws IOException {
    String ca = directory.resolve("ca").toString();
    Path file = directory.resolve("token");

    Ran init = run("init", "--dir", ca, "--site", "hall-a", "--host", "192.0.2.7");
    Ran token = run("token", "--dir", ca, "--node", "gpu-07", "--token-file", file.toString());

    assertThat(init.code()).as(init.err()).isZero();
    assertThat(init.out())
        .contains("authority of site hall-a in " + ca + ", SHA-256 ")
        .contains("the collector's certificate is for 192.0.2.7, localhost, 127.0.0.1, ::1");
    assertThat(token.code()).as(token.err()).isZero();
    assertThat(token.out())
        .isEqualTo(
            "token in %s: carry it to node gpu-07 and type there within 1h: millwright agent join --collector 192.0.2.7:9463 --token-file %1$s\n"
                .formatted(file))
        .doesNotContain(JoinToken.read(file).secret());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(join(JoinToken.read(file))).isInstanceOf(Joining.Joined.class);
    assertThat(join(JoinToken.read(file))).isInstanceOf(Joining.Refused.class);
  }

  @Test
  void writesATokenToStdoutForAPipe() {
    String ca = init();
    Ran token = run("token", "--dir", ca, "--node", "gpu-07", "--token-file", "-", "--ttl", "5m");

    assertThat(JoinToken.parse(token.out()).node().name()).isEqualTo("gpu-07");
    assertThat(token.err())
        .isEqualTo(
            "within 5m, on node gpu-07: millwright agent join --collector localhost:9463 --token-file -\n");
  }

  /** The order of the steps is that of docs/launcher.md. */
  @Test
  void showsTheKeyOfStartsAndExchangesIt() throws IOException {
    String ca = init();
    Path own = Path.of(ca, "collector");
    Ran present = run("orders-key", "--dir", ca);
    assertThat(present.code()).as(present.err()).isZero();
    OrderKey first = OrderKey.read("stdout", present.out());
    assertThat(OrderSigner.in(own).orElseThrow().key()).isEqualTo(first);
    assertThat(present.err())
        .isEqualTo(
            "key %s: as root on each node, in /etc/millwright/orders.d/%1$s.pub (mode 644)\n"
                .formatted(first.id()));
    assertThat(run("orders-key", "--dir", ca, "--exchange").err())
        .startsWith("there is no next key in " + own + ": make it with --next");

    OrderKey second = OrderKey.read("stdout", run("orders-key", "--dir", ca, "--next").out());
    assertThat(second).isNotEqualTo(first);
    assertThat(OrderKey.read("stdout", run("orders-key", "--dir", ca, "--next").out()))
        .isEqualTo(second);
    assertThat(OrderSigner.in(own).orElseThrow().key()).as("still signs").isEqualTo(first);

    Ran exchanged = run("orders-key", "--dir", ca, "--exchange");
    assertThat(exchanged.code()).as(exchanged.err()).isZero();
    assertThat(OrderKey.read("stdout", exchanged.out())).isEqualTo(second);
    assertThat(OrderSigner.in(own).orElseThrow().key()).isEqualTo(second);
    assertThat(run("orders-key", "--dir", ca, "--exchange").code()).isOne();
    assertThat(run("orders-key", "--dir", ca, "--next", "--exchange").code()).isEqualTo(64);
  }

  /** A site of before has none; it gets one, and the collector signs from its next start on. */
  @Test
  void makesTheKeyOfStartsWhereThereIsNone() throws IOException {
    String ca = init();
    Path file = Path.of(ca, "collector", OrderSigner.FILE);
    Files.delete(file);
    Ran made = run("orders-key", "--dir", ca);
    assertThat(OrderKey.read("stdout", made.out())).isEqualTo(OrderSigner.read(file).key());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    Path none = directory.resolve("none");
    assertThat(run("orders-key", "--dir", none.toString()).code()).isOne();
    assertThat(none).doesNotExist();
  }

  /** That it is renewed once it is due is AuthorityTest's. */
  @Test
  void renewsTheCollectorsOwnOnlyWhereThatIsDue() {
    String ca = init();
    Credentials before = Credentials.read(Path.of(ca, "collector"));

    Ran renew = run("renew", "--dir", ca);

    assertThat(renew.code()).as(renew.err()).isZero();
    assertThat(renew.out())
        .isEqualTo(
            "the collector's certificate is in force until %s; it is shown from the next start of the collector on\n"
                .formatted(before.certificate().getNotAfter().toInstant()));
    assertThat(Credentials.read(Path.of(ca, "collector")).certificate())
        .isEqualTo(before.certificate());
    assertThat(run("renew", "--dir", directory.resolve("none").toString()).code()).isOne();
  }

  @Test
  void issuesForNodesAndOperators() {
    String ca = init();
    Path node = directory.resolve("n");
    Path operator = directory.resolve("o");

    assertThat(run("issue", "--dir", ca, "--node", "gpu-07", "--out", node.toString()).code())
        .isZero();
    assertThat(
            run(
                    "operator",
                    "--dir",
                    ca,
                    "--name",
                    "alice",
                    "--role",
                    "viewer",
                    "--out",
                    operator.toString())
                .code())
        .isZero();
    assertThat(Credentials.read(node).identity().uri()).isEqualTo("millwright://site/node/gpu-07");
    assertThat(Credentials.read(operator).identity().uri())
        .isEqualTo("millwright://site/operator/viewer/alice");
  }

  @Test
  void anotherMachineTakesANameOnlyWithReplace() throws IOException {
    String ca = init();
    Path file = directory.resolve("token");
    Path node = directory.resolve("n");
    assertThat(run("issue", "--dir", ca, "--node", "gpu-07", "--out", node.toString()).code())
        .isZero();

    Ran taken = run("token", "--dir", ca, "--node", "gpu-07", "--token-file", file.toString());
    assertThat(taken.code()).isEqualTo(1);
    assertThat(taken.err()).startsWith("node gpu-07 is in already").contains("--replace");
    assertThat(file).doesNotExist();
    assertThat(run("issue", "--dir", ca, "--node", "gpu-07", "--out", node + "2").code())
        .isEqualTo(1);

    assertThat(
            run(
                    "token",
                    "--dir",
                    ca,
                    "--node",
                    "gpu-07",
                    "--token-file",
                    file.toString(),
                    "--replace")
                .code())
        .isZero();
    Credentials second = ((Joining.Joined) join(JoinToken.read(file))).credentials();
    Revocations revoked = Authority.register(Path.of(ca)).revocations();
    assertThat(revoked.refusal(second.identity(), second.certificate())).isEmpty();
    Credentials first = Credentials.read(node);
    assertThat(revoked.refusal(first.identity(), first.certificate())).isPresent();
  }

  /** A mistake in the directory leaves the machine that is in as it was. */
  @Test
  void whatCannotBeKeptReplacesNobody() throws IOException {
    String ca = init();
    Path node = directory.resolve("n");
    run("issue", "--dir", ca, "--node", "gpu-07", "--out", node.toString());
    Credentials own = Credentials.read(node);
    Path interrupted = Files.createDirectory(directory.resolve("half.partial"));
    for (Path full : List.of(node, directory.resolve("half"))) {
      Ran ran =
          run("issue", "--dir", ca, "--node", "gpu-07", "--out", full.toString(), "--replace");
      assertThat(ran.code()).isEqualTo(1);
      assertThat(
              Authority.register(Path.of(ca))
                  .revocations()
                  .refusal(own.identity(), own.certificate()))
          .as(ran.err())
          .isEmpty();
    }
    Files.delete(interrupted);
    Path next = directory.resolve("half");
    assertThat(
            run("issue", "--dir", ca, "--node", "gpu-07", "--out", next.toString(), "--replace")
                .code())
        .isZero();
    Credentials fresh = Credentials.read(next);
    Revocations revoked = Authority.register(Path.of(ca)).revocations();
    assertThat(revoked.refusal(own.identity(), own.certificate())).isPresent();
    assertThat(revoked.refusal(fresh.identity(), fresh.certificate())).isEmpty();
  }

  @Test
  void revokesANodeAndThenItsNameIsFree() {
    String ca = init();
    Path node = directory.resolve("n");
    run("issue", "--dir", ca, "--node", "gpu-07", "--out", node.toString());
    Credentials own = Credentials.read(node);

    Ran ran = run("revoke", "--dir", ca, "--node", "gpu-07", "--reason", "it was stolen");
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.out()).startsWith("all that was issued to node gpu-07 of site site until ");
    assertThat(
            Authority.register(Path.of(ca))
                .revocations()
                .refusal(own.identity(), own.certificate())
                .orElseThrow()
                .sentence())
        .contains("(it was stolen)");
    Path next = directory.resolve("next");
    assertThat(run("issue", "--dir", ca, "--node", "gpu-07", "--out", next.toString()).code())
        .isZero();
    Credentials fresh = Credentials.read(next);
    assertThat(
            Authority.register(Path.of(ca))
                .revocations()
                .refusal(fresh.identity(), fresh.certificate()))
        .as("issued in the same second as the revocation, as a rule")
        .isEmpty();
  }

  @Test
  void revokesOneCertificateOfAnOperator() {
    String ca = init();
    Path operator = directory.resolve("o");
    run("operator", "--dir", ca, "--name", "a", "--role", "admin", "--out", operator.toString());
    Credentials own = Credentials.read(operator);
    String serial = own.certificate().getSerialNumber().toString(16);

    assertThat(
            run("revoke", "--dir", ca, "--serial", serial.toUpperCase(Locale.ROOT), "--reason", "r")
                .code())
        .isZero();
    assertThat(
            Authority.register(Path.of(ca))
                .revocations()
                .refusal(own.identity(), own.certificate()))
        .isPresent();
  }

  @Test
  void keepsATokenFileThatIsThere() throws IOException {
    String ca = init();
    Path file = Files.writeString(directory.resolve("token"), "mine");
    Ran ran = run("token", "--dir", ca, "--node", "gpu-07", "--token-file", file.toString());

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.err()).isEqualTo(file + " is there already: remove it, or name another file\n");
    assertThat(file).hasContent("mine");
  }

  @Test
  void failsWithOneSentence() {
    String ca = init();

    assertThat(run("init", "--dir", ca))
        .matches(ran -> ran.code() == 1)
        .matches(ran -> ran.err().lines().count() == 1)
        .matches(ran -> ran.err().contains("holds an authority already"));
    assertThat(run("issue", "--dir", ca + "2", "--node", "n", "--out", ca + "3"))
        .matches(ran -> ran.code() == 1)
        .matches(ran -> ran.err().startsWith("there is no authority in " + ca + "2: make one"));
  }

  /** Nothing is made where a directory cannot be. */
  @Test
  void saysWhatTheSystemSaid() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "");
    Ran ran = run("init", "--dir", file.resolve("ca").toString());

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.err()).startsWith("making the directory " + file).contains("failed: ");
    assertThat(ran.err().lines()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "token --node ../x --token-file f|node: '../x' is refused; allowed is 1 to 253",
        "token --node n --token-file f --ttl 8d|ttl: '8d' is refused; allowed is a whole number",
        "token --node n --token-file f --ttl 10|ttl: '10' is refused",
        "token --node n|--token-file",
        "init --site Hall_A|site: 'Hall_A' is refused; allowed is 1 to 63 of a-z",
        "init --host collector:9462|host: 'collector:9462' is refused; allowed is a host name",
        "init --host 300.1.1.1|host: '300.1.1.1' is refused",
        "operator --name a --role root --out o|role: 'root' is refused; allowed is viewer, operator or admin",
        "operator --name a/b --role admin --out o|operator: 'a/b' is refused",
        "revoke --node n|--reason",
        "revoke --reason r|--node",
        "revoke --node n --serial 1 --reason r|mutually exclusive",
        "revoke --serial xyz --reason r|serial: 'xyz' is refused; allowed is 1 to 40 hexadecimal digits",
        "repin --reason r|--node",
      })
  void refusesWhatIsWrong(String arguments, String sentence) {
    Ran ran = run((arguments + " --dir " + directory.resolve("none")).split(" "));

    assertThat(ran.code()).isEqualTo(64);
    assertThat(ran.err()).contains(sentence);
    assertThat(directory.resolve("none")).doesNotExist();
  }

  private Joining.Result join(JoinToken token) {
    Path ca = directory.resolve("ca");
    Clock clock = Clock.system();
    Joining joining = new Joining(token);
    Enrolment enrolment = Enrolment.of(ca, Authority.open(ca, clock), clock);
    return joining.accept(enrolment.answer(joining.request()).bytes());
  }

  private String init() {
    String ca = directory.resolve("ca").toString();
    assertThat(run("init", "--dir", ca).code()).isZero();
    return ca;
  }

  private static Ran run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        new CommandLine(new CaCommand())
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(arguments);
    return new Ran(code, out.toString(), err.toString());
  }

  /** No secret and no token is an argument of any verb. */
  @Test
  void takesNoSecretAsAnArgument() {
    CommandLine line = new CommandLine(new CaCommand());

    assertThat(line.getSubcommands().keySet())
        .containsExactlyInAnyOrderElementsOf(
            List.of(
                "init", "token", "issue", "operator", "revoke", "repin", "renew", "orders-key"));
    assertThat(
            line.getSubcommands().values().stream()
                .flatMap(verb -> verb.getCommandSpec().options().stream())
                .flatMap(option -> java.util.Arrays.stream(option.names())))
        .isNotEmpty()
        .doesNotContain("--token", "--secret", "--key");
  }
}
