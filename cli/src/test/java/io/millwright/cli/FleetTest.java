package io.millwright.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.cli.StandIn.Reply;
import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FleetTest {
  private final StandIn collector = new StandIn();

  @TempDir private Path home;
  private Shell shell;

  @BeforeEach
  void open() {
    shell = new Shell(home, collector);
    collector.on(
        "GET /v1/nodes",
        "[" + Samples.node("node1", "connected") + "," + Samples.node("n2", "lost") + "]");
    collector.on("GET /v1/nodes/node1", Samples.node("node1", "connected"));
    collector.on(
        "GET /v1/accelerators",
        "["
            + Samples.accelerator(
                "node1",
                "0",
                ",\"utilization\":0.975,\"temperature_celsius\":61.0,\"power_watts\":701.2,"
                    + "\"memory_used_bytes\":1.610612736E9,\"job\":\"hello-r1\","
                    + "\"serial\":\"1650124011234\"")
            + ","
            + Samples.accelerator("node1", "1", "")
            + "]");
  }

  @AfterEach
  void close() {
    collector.close();
  }

  @Test
  void listsNodes() {
    assertThat(shell.run("nodes")).isZero();
    assertThat(shell.out())
        .isEqualTo(
            """
            NODE   LINK       VERDICT  DUTY  UP  ACCELERATORS  POWER  LAST-SEEN             SIMULATED
            node1  connected  ok       -     7   8             5600W  2025-11-21T18:50:00Z  yes
            n2     lost       ok       -     7   8             5600W  2025-11-21T18:50:00Z  yes
            """);
  }

  @Test
  void showsANodeWithItsAccelerators() {
    assertThat(shell.run("node", "node1")).isZero();
    assertThat(shell.out())
        .isEqualTo(
            """
            node          node1
            link          connected
            verdict       ok
            last-seen     2025-11-21T18:50:00Z
            clock-offset  -3ms
            agent         0.1.0
            simulated     yes
            accelerators  7 of 8 up
            power         5600W

            ACCELERATOR  STATE  VERDICT  MODEL  UTIL  TEMP  POWER  MEMORY  JOB       SERIAL
            0            up     ok       B200   98%   61C   701W   1.5GiB  hello-r1  1650124011234
            1            up     ok       B200   -     -     -      -       -         -
            """);
    assertThat(collector.lines())
        .containsExactly(
            "GET /v1/nodes/node1",
            "GET /v1/accelerators?node=node1",
            "GET /v1/nodes/node1/acceptance",
            "GET /v1/incidents?state=open&node=node1");
  }

  @Test
  void showsWhatIsAnotherThanWasAccepted() {
    String acceptance =
        """
        {"schema_version":1,"node":"node1","state":"unaccepted","withheld":false,\
        "why":"changed since it was accepted",\
        "changes":["slot 2: serial B went, serial X came","driver nvidia from 580.1 to 580.2"],\
        "changed_ms":1763751000000,"chassis":{},"drivers":{},"devices":[]}\
        """;
    collector.on("GET /v1/nodes/node1/acceptance", acceptance);
    assertThat(shell.run("node", "node1")).as(shell.err()).isZero();
    assertThat(shell.out())
        .contains(
            """
            verdict       ok
            acceptance    unaccepted
            changed       slot 2: serial B went, serial X came
            changed       driver nvidia from 580.1 to 580.2
            last-seen     2025-11-21T18:50:00Z
            """);
  }

  @Test
  void saysWhereANodeAndAFailedAcceleratorAreFoundAndWhatToDo() {
    String failed =
        Samples.evidence(
            "xid-reset", "failed", ",\"accelerator\":\"0\",\"runbook\":\"/runbooks/xid-reset.md\"");
    collector.on(
        "GET /v1/nodes/node1",
        Samples.node("node1", "connected", "failed", failed)
            .replaceFirst(
                "\\{",
                "{\"serial\":\"S1\",\"place\":{\"rack\":\"r7\",\"chassis\":\"182\",\"slot\":\"14\",\"tray\":\"4\"},"));
    assertThat(shell.run("node", "node1")).isZero();
    assertThat(shell.out())
        .contains("serial        S1\nrack          r7\nchassis       serial 182\n")
        .contains("slot          14\ntray          4\n")
        .contains("accelerator 0  failed\nserial         1650124011234\n")
        .endsWith("runbook        " + collector.url() + "/runbooks/xid-reset.md\n");
  }

  private static final String TWO_REASONS =
      Samples.evidence("xid-79", "failed", ",\"accelerator\":\"3\",\"job\":\"hello-r1\"")
          + ","
          + Samples.evidence("disk-full", "degraded", "")
              .replace("\"observe_only\":false", "\"observe_only\":true");

  @Test
  void showsWhyANodeIsNotWell() {
    collector.on("GET /v1/nodes/node1", Samples.node("node1", "connected", "failed", TWO_REASONS));
    collector.on("GET /v1/accelerators", "[]");
    assertThat(shell.run("node", "node1")).isZero();
    assertThat(shell.out())
        .contains("verdict       failed\n")
        .endsWith(
            """

            accelerator 3  failed
            rule           xid-79 version 2
            observed       3 errors
            since          2025-11-21T18:50:00Z
            advice         reset-device, of the device
            clears         a reset of the device
            job            hello-r1

            node      degraded
            rule      disk-full version 2, which is only shown and counts for no verdict
            observed  3 errors
            since     2025-11-21T18:50:00Z
            advice    reset-device, of the device
            clears    a reset of the device
            """);
  }

  @Test
  void namesTheRulesInAWideListAndAllOfThemInCsv() {
    collector.on(
        "GET /v1/nodes", "[" + Samples.node("node1", "connected", "failed", TWO_REASONS) + "]");
    assertThat(shell.run("nodes", "-o", "wide")).isZero();
    assertThat(shell.out()).contains("EVIDENCE").contains("xid-79,disk-full");
    Shell csv = new Shell(home, collector);
    assertThat(csv.run("nodes", "-o", "csv")).isZero();
    assertThat(csv.out())
        .contains("node,link,verdict,")
        .contains("\"\"rule\"\":\"\"xid-79\"\"")
        .contains("\"\"clears\"\":\"\"a reset of the device\"\"");
    Shell yaml = new Shell(home, collector);
    assertThat(yaml.run("nodes", "-o", "yaml")).isZero();
    assertThat(yaml.out()).contains("verdict: failed").contains("accelerator: \"3\"\n");
  }

  @Test
  void givesANodeItsSchemaVersion() throws IOException {
    assertThat(shell.run("node", "node1", "-o", "json")).isZero();
    assertThat(Json.read(shell.out().getBytes(UTF_8)).toString())
        .startsWith("{\"schema_version\":1,\"node\":\"node1\"");
    assertThat(collector.lines()).containsExactly("GET /v1/nodes/node1");
  }

  @Test
  void writesWhatHasPartsAsJsonInCsv() {
    String cordoned = "{\"duty\":{\"state\":\"cordoned\",\"reasons\":[],\"overrides\":[]},";
    collector.on(
        "GET /v1/nodes",
        "[" + Samples.node("node1", "connected").replaceFirst("\\{", cordoned) + "]");
    assertThat(shell.run("nodes", "-o", "csv")).isZero();
    assertThat(shell.out()).contains("node1,connected,ok,\"{\"\"state\"\":\"\"cordoned\"\",");
  }

  @Test
  void saysThatANodeIsNotKnown() {
    collector.on("GET /v1/nodes/x", one -> Reply.problem(404, "No node 'x' has reported."));
    assertThat(shell.run("node", "x")).isEqualTo(1);
    assertThat(shell.err()).isEqualTo("No node 'x' has reported.\n");
  }

  @Test
  void listsAccelerators() {
    assertThat(shell.run("accelerators", "--node", "node1", "-o", "wide")).isZero();
    assertThat(shell.out().lines()).hasSize(3);
    assertThat(shell.out()).contains("VENDOR  SIMULATED  UUID ").contains("  GPU-0 ");
    assertThat(collector.lines()).containsExactly("GET /v1/accelerators?node=node1");
    assertThat(shell.run("accelerators", "-o", "csv")).isZero();
    assertThat(shell.out()).contains("node1,0,up,ok,B200,0.975,61.0,701.2,1610612736,hello-r1,");
    assertThat(shell.out()).contains("node1,1,up,ok,B200,,,,,,,,,,nvidia,true,GPU-1,,,\r\n");
  }

  @Test
  void listsEvents() {
    long now = Clock.system().wall().toEpochMilli();
    collector.on(
        "GET /v1/events",
        "["
            + Samples.event(7, 1763751000000L, "long ago")
            + ","
            + Samples.event(8, now, "just now")
            + "]");
    assertThat(shell.run("events")).isZero();
    assertThat(shell.out())
        .contains("TIME                  KIND            SUBJECT  MESSAGE\n")
        .contains("2025-11-21T18:50:00Z  node-connected  node1    long ago\n")
        .contains("just now");
    Shell other = new Shell(home, collector);
    assertThat(other.run("events", "--since=1h", "-o", "json")).isZero();
    assertThat(other.out()).contains("just now").doesNotContain("long ago");
  }
}
