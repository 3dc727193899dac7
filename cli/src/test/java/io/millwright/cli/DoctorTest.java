package io.millwright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.cli.StandIn.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorTest {
  private static final String RECORD =
      "{\"schema_version\":1,\"order\":\"7\",\"node\":\"n1\",\"state\":\"%s\",\"at_ms\":1,"
          + "\"by\":\"anna\",\"reason\":\"\",\"incident\":\"\",\"bytes\":2,\"parts\":[],"
          + "\"missing\":[{\"name\":\"report\",\"why\":\"it hangs\"}]%s}";

  private final StandIn collector = new StandIn();

  @TempDir private Path home;
  private Shell shell;

  @BeforeEach
  void open() {
    shell = new Shell(home, collector);
    collector.on("GET /v1/nodes", one -> Reply.json(200, "[{\"node\":\"n1\"}]"));
  }

  @AfterEach
  void close() {
    collector.close();
  }

  private void checks(String worst, String outcome, String fix) {
    collector.on(
        "POST /v1/nodes/n1/doctor",
        one ->
            Reply.json(
                200,
                ("{\"schema_version\":1,\"node\":\"n1\",\"worst\":\"%s\",\"checks\":["
                        + "{\"check\":\"links\",\"outcome\":\"%s\",\"found\":\"seen\",\"fix\":\"%s\"}]}")
                    .formatted(worst, outcome, fix)));
  }

  /** The answer to an order, and to every look after it. */
  private void order(String state, String more) {
    collector.on(
        "POST /v1/nodes/n1/evidence", one -> Reply.json(202, RECORD.formatted("asked", "")));
    collector.on(
        "GET /v1/nodes/n1/evidence",
        one -> Reply.json(200, "[" + RECORD.formatted(state, more) + "]"));
  }

  @Test
  void saysThatATestIsOver() {
    String order =
        "{\"schema_version\":1,\"order\":\"7\",\"node\":\"n1\",\"state\":\"failed\",\"at_ms\":5,\"by\":\"anna\",\"reason\":\"a\",\"incident\":\"\",\"why\":\"anna said that it is over\",\"bytes\":0,\"parts\":[],\"missing\":[]}";
    collector.on("POST /v1/nodes/n1/evidence/release", order);
    assertThat(shell.run("doctor", "--node=n1", "--release", "--reason=looked"))
        .as(shell.err())
        .isZero();
    assertThat(shell.err())
        .isEqualTo("n1: order 7 is waited for no more: anna said that it is over\n");
    assertThat(collector.asked().getLast().body()).isEqualTo("{\"reason\":\"looked\"}");
    assertThat(shell.run("doctor", "--node=n1", "--release")).isEqualTo(64);
    assertThat(shell.run("doctor", "--node=n1", "--release", "--reason=a", "--test=b"))
        .isEqualTo(64);
  }

  @Test
  void showsTheFixOfEachLineAndEndsByTheWorst() {
    checks("fail", "fail", "reset it");
    assertThat(shell.run("doctor", "--node", "n1")).isEqualTo(11);
    assertThat(shell.out().lines().map(line -> line.replaceAll("\\s+", " ").strip()))
        .containsExactly("OUTCOME CHECK FOUND", "fail links seen", "fix: reset it");
    checks("warn", "warn", "look");
    assertThat(shell.run("doctor", "--node", "n1")).isEqualTo(10);
    checks("skipped", "skipped", "");
    assertThat(shell.run("doctor")).isZero();
  }

  /** A row a check; where there is none, the titles alone. */
  @Test
  void checksAreTheRowsOfCsv() {
    String all = "{\"schema_version\":1,\"node\":\"n1\",\"worst\":\"ok\",\"checks\":[%s]}";
    String check = "{\"check\":\"%s\",\"outcome\":\"ok\",\"found\":\"seen, all\",\"fix\":\"\"}";
    collector.on("POST /v1/nodes/n1/doctor", all.formatted(""));
    assertThat(shell.run("doctor", "--node", "n1", "-o", "csv")).as(shell.err()).isZero();
    assertThat(shell.out()).isEqualTo("outcome,check,found,fix\r\n");
    collector.on(
        "POST /v1/nodes/n1/doctor",
        all.formatted(check.formatted("links") + "," + check.formatted("driver")));
    Shell two = new Shell(home, collector);
    assertThat(two.run("doctor", "--node", "n1", "-o", "csv")).as(two.err()).isZero();
    assertThat(two.out().lines())
        .containsExactly(
            "outcome,check,found,fix", "ok,links,\"seen, all\",", "ok,driver,\"seen, all\",");
  }

  @Test
  void wantsANameWhereThereAreSeveral() {
    collector.on("GET /v1/nodes", one -> Reply.json(200, "[{\"node\":\"n1\"},{\"node\":\"n2\"}]"));
    assertThat(shell.run("doctor")).isEqualTo(64);
    assertThat(shell.err()).contains("--node: missing");
  }

  @Test
  void endsAsTheTestDoes() {
    String test =
        ",\"test\":{\"name\":\"diag\",\"program\":\"/d\",\"sha256\":\"ab\",\"result\":\"%s\","
            + "\"why\":\"exit code 1\",\"exit\":1,\"seconds\":2.0,\"at_ms\":1,\"last_lines\":[\"low\"]}";
    order("ready", test.formatted("fail"));
    assertThat(shell.run("doctor", "--node", "n1", "--test", "diag")).isEqualTo(11);
    assertThat(shell.out()).isEqualTo("low\n");
    assertThat(shell.err()).contains("diag: fail, exit code 1, after 2.0 s");
    order("ready", test.formatted("cannot-tell"));
    assertThat(shell.run("doctor", "--node", "n1", "--test", "diag")).isEqualTo(12);
    order("failed", ",\"why\":\"a test would disturb train-r1\"");
    assertThat(shell.run("doctor", "--node", "n1", "--test", "diag")).isEqualTo(1);
    assertThat(shell.err()).contains("a test would disturb train-r1");
  }

  @Test
  void replacesNoFileAndLeavesNoneWhereThereIsNoBundle() throws IOException {
    Path there = Files.writeString(home.resolve("there.zip"), "mine");
    assertThat(shell.run("doctor", "--node", "n1", "--bundle", there.toString())).isEqualTo(78);
    assertThat(Files.readString(there)).isEqualTo("mine");

    order("failed", ",\"why\":\"node n1 is not connected\"");
    Path file = home.resolve("n1.zip");
    assertThat(shell.run("doctor", "--node", "n1", "--bundle", file.toString())).isEqualTo(1);
    assertThat(shell.err()).contains("node n1 is not connected");
    assertThat(file).doesNotExist();
    assertThat(home.resolve("n1.zip.part")).doesNotExist();
  }

  @Test
  void fetchesABundleAndHoldsItAgainstItsDigest() throws IOException {
    order(
        "ready",
        ",\"id\":\"b1\",\"sha256\":\"fcab7fcc2b4cffd9bb45003bfc2e468a04ef6f77ca8200a7341f027631584d25\"");
    collector.on(
        "GET /v1/nodes/n1/evidence/b1",
        one ->
            one.target().endsWith("offset=0")
                ? Reply.output(0, 1, false, new byte[] {'P'})
                : Reply.output(1, 2, true, new byte[] {'K'}));
    Path file = home.resolve("n1.zip");
    Files.writeString(home.resolve("n1.zip.part"), "left by one that was cut off");
    assertThat(shell.run("doctor", "--node=n1", "--bundle=" + file, "--reason=why")).isZero();
    assertThat(Files.getPosixFilePermissions(file))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(Files.readString(file)).isEqualTo("PK");
    assertThat(shell.err()).contains("missing report: it hangs");
    assertThat(collector.asked().getFirst().body()).isEqualTo("{\"reason\":\"why\"}");

    order("ready", ",\"id\":\"b1\",\"sha256\":\"00\"");
    assertThat(shell.run("doctor", "--node=n1", "--bundle=" + home.resolve("other.zip")))
        .isEqualTo(1);
    assertThat(shell.err()).contains("its SHA-256 differs");
    try (Stream<Path> left = Files.list(home)) {
      assertThat(left.map(one -> one.getFileName().toString()).filter(one -> one.contains(".zip")))
          .containsExactly("n1.zip");
    }
  }
}
