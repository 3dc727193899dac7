package io.millwright.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.cli.StandIn.Reply;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code status} against a server on loopback. */
class StatusTest {
  private final StandIn collector = new StandIn();

  @TempDir private Path home;
  private Shell shell;

  @BeforeEach
  void open() {
    shell = new Shell(home, collector);
    collector.on("GET /v1/nodes", "[]");
  }

  @AfterEach
  void close() {
    collector.close();
  }

  @ParameterizedTest
  @CsvSource({"ok, 0", "degraded, 10", "failed, 11", "unknown, 12"})
  void theExitCodeIsTheVerdict(String verdict, int code) {
    collector.on("GET /v1/fleet", Samples.fleet(verdict, 3, 0, 0, 0));
    assertThat(shell.run("status")).isEqualTo(code);
    assertThat(shell.out()).startsWith("verdict       " + verdict + "\n");
    for (String format : new String[] {"json", "yaml", "csv", "wide"}) {
      assertThat(new Shell(home, collector).run("status", "-o", format)).as(format).isEqualTo(code);
    }
  }

  @Test
  void aWellFleetIsFiveLinesAndOneQuestion() {
    collector.on("GET /v1/fleet", Samples.fleet("ok", 3, 0, 0, 0));
    assertThat(shell.run("status")).isZero();
    assertThat(shell.out())
        .isEqualTo(
            """
            verdict       ok
            nodes         3, of which 2 connected: 3 ok
            accelerators  24, of which 15 up: 14 ok, 1 degraded, 1 failed, 8 unknown
            power         5600W
            simulated     yes
            """);
    assertThat(collector.lines()).containsExactly("GET /v1/fleet");
  }

  @Test
  void theWorstComesFirst() {
    collector.on("GET /v1/fleet", Samples.fleet("failed", 0, 1, 1, 1));
    String silent =
        Samples.evidence("agent-silent", "unknown", "").replace("reset-device", "inspect");
    String shown =
        Samples.evidence("hunch", "failed", "")
            .replace("\"observe_only\":false", "\"observe_only\":true");
    collector.on(
        "GET /v1/nodes",
        "[%s,%s,%s]"
            .formatted(
                Samples.node(
                    "node1", "connected", "degraded", Samples.evidence("hot", "degraded", "")),
                Samples.node("node2", "lost", "unknown", silent),
                Samples.node(
                    "node3",
                    "connected",
                    "failed",
                    shown + "," + Samples.evidence("xid-79", "failed", ",\"accelerator\":\"3\""))));
    assertThat(shell.run("status")).isEqualTo(11);
    assertThat(shell.out())
        .endsWith(
            """
            failed        node3 accelerator 3: xid-79: 3 errors; advice: reset-device
            unknown       node2: agent-silent: 3 errors; advice: inspect
            degraded      node1: hot: 3 errors; advice: reset-device
            """);
  }

  @Test
  void tenLinesAreTheMost() {
    collector.on("GET /v1/fleet", Samples.fleet("failed", 0, 0, 3, 0));
    String many =
        String.join(",", Collections.nCopies(9, Samples.evidence("xid-79", "failed", "")));
    collector.on("GET /v1/nodes", "[" + Samples.node("node1", "connected", "failed", many) + "]");
    assertThat(shell.run("status")).isEqualTo(11);
    assertThat(shell.out().lines()).hasSize(10);
    assertThat(shell.out()).endsWith("and           5 more; 'millwright node N' has them\n");
  }

  @Test
  void versionsAreALineEachAndTheExitCodeIsTheFleets() {
    String versions =
        """
        {"schema_version":1,"versions":[
          {"version":"1.5.0","nodes":3,"nodes_connected":2,"nodes_stale":0,"nodes_lost":1,"nodes_ok":1,
           "nodes_degraded":1,"nodes_failed":0,"nodes_unknown":1,"accelerators":24,"accelerators_up":15,
           "since_ms":1763751000000,"sessions":4,"events":12,"events_per_node_day":3.25,"incidents":1,
           "incidents_open":1},
          {"version":"1.4.0","nodes":1,"nodes_connected":1,"nodes_stale":0,"nodes_lost":0,"nodes_ok":1,
           "nodes_degraded":0,"nodes_failed":0,"nodes_unknown":0,"accelerators":8,"accelerators_up":8,
           "since_ms":1763751000000,"sessions":1,"events":0,"incidents":0,"incidents_open":0}]}
        """;
    collector.on(
        "GET /v1/fleet",
        asked ->
            Reply.json(
                200,
                asked.line().endsWith("?by=version")
                    ? versions
                    : Samples.fleet("degraded", 0, 1, 0, 0)));
    assertThat(shell.run("status", "--by", "version")).isEqualTo(10);
    assertThat(shell.out())
        .isEqualTo(
            """
            VERSION  NODES  CONNECTED  LOST  OK  DEGRADED  FAILED  UNKNOWN  SINCE                 SESSIONS  EVENTS  A NODE AND DAY  INCIDENTS  OPEN
            1.5.0    3      2          1     1   1         0       1        2025-11-21T18:50:00Z  4         12      3.3             1          1
            1.4.0    1      1          0     1   0         0       0        2025-11-21T18:50:00Z  1         0       -               0          0
            """);
    Shell csv = new Shell(home, collector);
    assertThat(csv.run("status", "--by", "version", "-o", "csv")).isEqualTo(10);
    assertThat(csv.out().lines()).hasSize(3);
  }

  @Test
  void onlyAVersionIsWhatTheyAreSortedBy() {
    assertThat(shell.run("status", "--by", "rack")).isEqualTo(64);
    assertThat(shell.err()).contains("--by: 'rack' is refused; allowed is version");
    assertThat(collector.lines()).isEmpty();
  }

  @Test
  void aVerdictWithoutEvidenceIsSaid() {
    collector.on("GET /v1/fleet", Samples.fleet("unknown", 0, 0, 0, 1));
    collector.on("GET /v1/nodes", "[" + Samples.node("node1", "connected", "unknown", "") + "]");
    assertThat(shell.run("status")).isEqualTo(12);
    assertThat(shell.out()).endsWith("unknown       node1: its agent does not tell why\n");
  }

  @Test
  void aFleetIsMachineReadableToo() throws IOException {
    collector.on("GET /v1/fleet", Samples.fleet("failed", 1, 0, 1, 1));
    assertThat(shell.run("status", "-o", "json")).isEqualTo(11);
    assertThat(Json.read(shell.out().getBytes(UTF_8)))
        .isEqualTo(Json.read(Samples.fleet("failed", 1, 0, 1, 1).getBytes(UTF_8)));
    Shell csv = new Shell(home, collector);
    csv.run("status", "-o", "csv");
    assertThat(csv.out().lines())
        .hasSize(2)
        .first()
        .asString()
        .startsWith("verdict,nodes,nodes_connected,nodes_stale,nodes_lost,nodes_ok,");
  }

  @Test
  void aCollectorThatIsAwayIsUnreachable() {
    collector.goAway();
    assertThat(shell.run("status")).isEqualTo(13);
    assertThat(shell.err()).contains("cannot be reached").hasLineCount(1);
    assertThat(shell.out()).isEmpty();
  }

  @Test
  void aRefusalIsNoVerdict() {
    collector.on("GET /v1/fleet", one -> Reply.problem(403, "No."));
    assertThat(shell.run("status")).isEqualTo(1);
    collector.on("GET /v1/fleet", Samples.fleet("splendid", 1, 0, 0, 0));
    assertThat(shell.run("status")).isEqualTo(1);
    assertThat(shell.err()).contains("has the verdict 'splendid'");
  }
}
