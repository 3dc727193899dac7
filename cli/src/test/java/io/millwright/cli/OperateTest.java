package io.millwright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.millwright.cli.StandIn.Reply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Cordon, drain, maintenance, overrides, acts and the audit log. */
class OperateTest {
  private static final String DUTY =
      "{\"state\":\"draining\",\"reasons\":[{\"kind\":\"drain\",\"by\":\"anna\",\"reason\":\"new pumps\",\"since_ms\":1763751000000,\"deadline_ms\":1763758200000}],\"overrides\":[\"xid-reboot\"]}";
  private static final String WINDOW =
      "{\"id\":\"m7\",\"area\":\"rack\",\"name\":\"r1\",\"phase\":\"planned\",\"owner\":\"ops\",\"reason\":\"pumps\",\"start_ms\":1763751000000,\"end_ms\":1763758200000,\"by\":\"anna\"}";
  private static final String OVERRIDE =
      "{\"id\":\"o3\",\"node\":\"n1\",\"holds\":true,\"since_ms\":1763751000000,\"until_ms\":1763758200000,\"reason\":\"known\",\"by\":\"anna\"}";

  private final StandIn collector = new StandIn();

  @TempDir private Path home;
  private Shell shell;

  @BeforeEach
  void open() {
    shell = new Shell(home, collector);
  }

  @AfterEach
  void close() {
    collector.close();
  }

  private JsonNode sent() throws IOException {
    return Json.read(collector.asked().getLast().body().getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void withdrawsANodeAndSaysHowItStands() throws IOException {
    for (String verb : new String[] {"cordon", "uncordon", "drain", "lost"}) {
      collector.on("POST /v1/nodes/n1/" + verb, DUTY);
      assertThat(shell.run(verb, "n1", "--reason", "new pumps")).as(shell.err()).isZero();
      assertThat(sent().toString()).isEqualTo("{\"reason\":\"new pumps\"}");
    }
    assertThat(shell.run("drain", "n1", "--reason=x", "--deadline", "2h")).isZero();
    assertThat(sent().get("within_ms").asLong()).isEqualTo(7_200_000);
    assertThat(shell.out())
        .contains("draining", "drain by anna since", "new pumps", "what is left is stopped at")
        .contains("overridden", "xid-reboot");
    assertThat(shell.run("cordon", "n1")).isEqualTo(64);
    assertThat(shell.run("drain", "n1", "--reason=x", "--deadline=soon")).isEqualTo(64);
    collector.on("POST /v1/nodes/n1/uncordon", one -> Reply.problem(409, "it is in maintenance."));
    assertThat(shell.run("uncordon", "n1", "--reason=x")).isEqualTo(1);
    assertThat(shell.err()).endsWith("it is in maintenance.\n");
  }

  @Test
  void entersListsAndEndsWindows() throws IOException {
    collector.on("POST /v1/maintenance", one -> Reply.json(201, WINDOW));
    collector.on("GET /v1/maintenance", "[" + WINDOW + "]");
    collector.on("POST /v1/maintenance/m7/end", WINDOW);
    assertThat(
            shell.run(
                "maintenance",
                "add",
                "--rack",
                "r1",
                "--reason=pumps",
                "--start",
                "2025-11-21T18:50:00Z",
                "--end",
                "2h",
                "--drain=30m"))
        .as(shell.err())
        .isZero();
    assertThat(sent().get("rack").asText()).isEqualTo("r1");
    assertThat(sent().get("start_ms").asLong()).isEqualTo(1763751000000L);
    assertThat(sent().get("end_ms").asLong()).isEqualTo(1763758200000L);
    assertThat(sent().get("drain_ahead_ms").asLong()).isEqualTo(1_800_000);
    assertThat(shell.run("maintenance", "add", "--node=n1", "--reason=x", "--end=1h")).isZero();
    assertThat(sent().has("start_ms")).isFalse();
    assertThat(shell.run("maintenance", "list")).isZero();
    assertThat(shell.out()).contains("m7", "planned", "rack", "r1", "ops", "pumps");
    assertThat(shell.run("maintenance", "end", "m7", "--reason=done")).isZero();
    assertThat(shell.run("maintenance", "add", "--reason=x", "--end=1h")).isEqualTo(64);
    assertThat(shell.run("maintenance", "add", "--node=a", "--rack=b", "--reason=x", "--end=1h"))
        .isEqualTo(64);
    assertThat(shell.run("maintenance", "add", "--node=a", "--reason=x")).isEqualTo(64);
    assertThat(shell.run("maintenance", "add", "--node=a", "--reason=x", "--end=tomorrow"))
        .isEqualTo(64);
    assertThat(shell.run("maintenance")).isEqualTo(64);
  }

  @Test
  void entersListsAndEndsOverrides() throws IOException {
    collector.on("POST /v1/overrides", one -> Reply.json(201, OVERRIDE));
    collector.on("GET /v1/overrides", "[" + OVERRIDE + "]");
    collector.on("POST /v1/overrides/o3/end", OVERRIDE);
    assertThat(
            shell.run(
                "override",
                "add",
                "n1",
                "--rule=xid-reboot",
                "--until",
                "2025-11-21T18:50:00Z",
                "--reason=known"))
        .as(shell.err())
        .isZero();
    assertThat(sent().toString())
        .isEqualTo(
            "{\"node\":\"n1\",\"rule\":\"xid-reboot\",\"until_ms\":1763751000000,\"reason\":\"known\"}");
    assertThat(shell.run("override", "list")).isZero();
    assertThat(shell.out()).contains("o3", "n1", "*", "known");
    assertThat(shell.run("override", "end", "o3", "--reason=done")).isZero();
    assertThat(shell.run("override", "add", "n1", "--reason=x")).isEqualTo(64);
    assertThat(shell.run("override")).isEqualTo(64);
  }

  @Test
  void entersListsAndEndsReturns() throws IOException {
    String returned =
        "{\"id\":\"r3\",\"serial\":\"165\",\"ticket\":\"RMA-7\",\"state\":\"seen-again\",\"reason\":\"rows\",\"by\":\"anna\",\"at_ms\":1763751000000,\"node\":\"n1\",\"seen_node\":\"n2\",\"seen_ms\":1763758200000}";
    collector.on("POST /v1/returns", one -> Reply.json(201, returned));
    collector.on("GET /v1/returns", "[" + returned + "]");
    collector.on("POST /v1/returns/r3/end", returned);
    assertThat(shell.run("returns", "add", "165", "--ticket=RMA-7", "--reason=rows"))
        .as(shell.err())
        .isZero();
    assertThat(sent().toString())
        .isEqualTo("{\"serial\":\"165\",\"ticket\":\"RMA-7\",\"reason\":\"rows\"}");
    assertThat(shell.run("returns", "list")).isZero();
    assertThat(shell.out()).contains("r3", "165", "RMA-7", "seen-again", "n2");
    assertThat(shell.run("returns", "end", "r3", "--reason=back")).isZero();
    assertThat(shell.run("returns", "add", "165", "--reason=x")).isEqualTo(64);
    assertThat(shell.run("returns")).isEqualTo(64);
  }

  @Test
  void listsRunsThatOnlyTheirNodesKnowAndEndsOne() throws IOException {
    String strays =
        "[{\"node\":\"n1\",\"job\":\"old\",\"run\":3,\"devices\":[\"GPU-a\"]},"
            + "{\"node\":\"n2\",\"job\":\"host\",\"run\":1,\"devices\":[]}]";
    collector.on("GET /v1/unclaimed", strays);
    collector.on("POST /v1/nodes/n1/unclaimed/end", one -> Reply.json(202, "[]"));
    assertThat(shell.run("unclaimed")).as(shell.err()).isZero();
    assertThat(shell.out()).contains("old", "GPU-a", "n2", "host");
    assertThat(shell.run("unclaimed", "end", "n1", "old-r3", "--reason=restored"))
        .as(shell.err())
        .isZero();
    assertThat(sent().toString()).isEqualTo("{\"job\":\"old\",\"run\":3,\"reason\":\"restored\"}");
    assertThat(shell.run("unclaimed", "end", "n1", "old", "--reason=x")).isEqualTo(64);
    assertThat(shell.err()).contains("RUN: 'old' is refused; allowed is a run such as hello-r1");
    assertThat(shell.run("unclaimed", "end", "n1", "old-r3")).isEqualTo(64);
    collector.on(
        "POST /v1/nodes/n1/unclaimed/end", one -> Reply.problem(404, "no run is unclaimed."));
    assertThat(shell.run("unclaimed", "end", "n1", "old-r4", "--reason=x")).isEqualTo(1);
    assertThat(shell.err()).endsWith("no run is unclaimed.\n");
  }

  @Test
  void showsARecoveryGivesUpNodesAndReleasesRuns() throws IOException {
    String recovery =
        "{\"schema_version\":1,\"phase\":\"recovering\",\"since_ms\":1763751000000,\"why\":\"restored\",\"waiting_for\":[\"n2\"],\"answered\":3,\"lost\":[\"n4\"],\"held\":[\"a-r1\"],\"strangers\":[{\"node\":\"n1\",\"run\":\"b-r2\"}],\"refusing_nodes\":0}";
    collector.on("GET /v1/recovery", recovery);
    collector.on("POST /v1/recovery/lost", recovery);
    collector.on("POST /v1/recovery/release", recovery);
    assertThat(shell.run("recovery")).as(shell.err()).isZero();
    assertThat(shell.out()).contains("recovering", "restored", "n2", "n4", "a-r1", "b-r2 on n1");
    assertThat(shell.run("recovery", "lost", "n2", "--reason=burnt")).isZero();
    assertThat(sent().toString()).isEqualTo("{\"node\":\"n2\",\"reason\":\"burnt\"}");
    assertThat(shell.run("recovery", "release", "--reason=seen")).isZero();
    assertThat(sent().toString()).isEqualTo("{\"reason\":\"seen\"}");
    assertThat(shell.run("recovery", "lost", "n2")).isEqualTo(64);
  }

  @Test
  void listsActsAndWhoChangedWhat() {
    collector.on(
        "GET /v1/acts",
        "[{\"id\":4,\"node\":\"n1\",\"rule\":\"xid-reboot\",\"observed\":\"Xid 79\",\"action\":\"reboot-request\",\"dry_run\":true,\"stage\":\"done\",\"why\":\"a dry run: would have been carried out\",\"seen_ms\":1763751000000}]");
    collector.on(
        "GET /v1/audit",
        "[{\"sequence\":1,\"at_ms\":1763751000000,\"by\":\"anna\",\"what\":\"node.cordon\",\"subject\":\"n1\",\"before\":\"in-service\",\"after\":\"cordon\",\"reason\":\"new pumps\",\"previous\":\"0\",\"hash\":\"1\"}]");
    assertThat(shell.run("acts", "--node", "n1", "--requests")).as(shell.err()).isZero();
    assertThat(collector.lines()).containsExactly("GET /v1/acts?node=n1&requests=1");
    assertThat(shell.out()).contains("reboot-request", "a dry run: would have been carried out");
    assertThat(shell.run("audit", "--after", "7")).as(shell.err()).isZero();
    assertThat(collector.lines()).contains("GET /v1/audit?since=7");
    assertThat(shell.out()).contains("node.cordon", "new pumps");
  }

  @Test
  void showsWhatWasAcceptedAndAccepts() throws IOException {
    String node =
        "{\"schema_version\":1,\"node\":\"n1\",\"state\":\"unaccepted\",\"withheld\":true,\"why\":\"changed since it was accepted\",\"changes\":[\"slot 2: serial B went, serial X came\"],\"changed_ms\":1763751000000,\"pass\":{\"at_ms\":1763750000000,\"by\":\"policy\",\"evidence\":\"order 7\"},\"chassis\":{\"product\":\"C1\"},\"drivers\":{\"nvidia\":\"580.1\"},\"devices\":[{\"slot\":\"0000:02:00.0\",\"index\":\"1\",\"vendor\":\"nvidia\",\"model\":\"NVIDIA B200\",\"serial\":\"X\",\"uuid\":\"GPU-1\",\"firmware\":{\"vbios\":\"97.01\"}}]}";
    collector.on("GET /v1/acceptance", "[" + node + "]");
    collector.on("GET /v1/nodes/n1/acceptance", node);
    collector.on("POST /v1/nodes/n1/accept", node);
    assertThat(shell.run("acceptance")).as(shell.err()).isZero();
    assertThat(shell.out()).contains("n1", "unaccepted", "yes", "changed since it was accepted");
    assertThat(shell.run("acceptance", "n1")).as(shell.err()).isZero();
    assertThat(shell.out())
        .contains("serial B went, serial X came", "order 7", "C1", "580.1", "vbios=97.01");
    assertThat(shell.run("accept", "n1", "--reason=checked by hand")).as(shell.err()).isZero();
    assertThat(sent().toString()).isEqualTo("{\"reason\":\"checked by hand\"}");
    assertThat(shell.run("accept", "n1")).isEqualTo(64);
  }

  @Test
  void listsWhatDiffers() {
    collector.on(
        "GET /v1/drift",
        "{\"schema_version\":1,\"desired\":{\"file\":\"/x\",\"name\":\"2026-11\"},\"compared\":9,\"unmatched\":[\"NVIDIA B20\"],\"differences\":[{\"node\":\"n1\",\"index\":\"3\",\"slot\":\"s\",\"uuid\":\"GPU-3\",\"sku\":\"NVIDIA B200\",\"component\":\"vbios\",\"actual\":\"97.01\",\"wanted\":\"97.02\",\"against\":\"desired\",\"having\":0,\"compared\":0}]}");
    assertThat(shell.run("drift", "--node", "n1")).as(shell.err()).isZero();
    assertThat(collector.lines()).containsExactly("GET /v1/drift?node=n1");
    assertThat(shell.out())
        .contains("2026-11", "9 nodes", "NVIDIA B20:", "vbios", "97.01", "97.02", "desired");
  }

  /** A row a difference; where there is none, the titles alone. */
  @Test
  void differencesAreTheRowsOfCsv() throws IOException {
    String difference =
        "{\"node\":\"n1\",\"index\":\"%d\",\"slot\":\"s\",\"uuid\":\"GPU-%1$d\",\"sku\":\"NVIDIA B200\",\"component\":\"vbios\",\"actual\":\"97.01\",\"wanted\":\"97.02\",\"against\":\"desired\",\"having\":0,\"compared\":0}";
    String drift = "{\"schema_version\":1,\"compared\":9,\"unmatched\":[],\"differences\":[%s]}";
    String titles = "node,index,sku,component,actual,wanted,against,domain,slot,uuid\r\n";
    collector.on("GET /v1/drift", drift.formatted(""));
    assertThat(shell.run("drift", "-o", "csv")).as(shell.err()).isZero();
    assertThat(shell.out()).isEqualTo(titles);
    collector.on(
        "GET /v1/drift", drift.formatted(difference.formatted(3) + "," + difference.formatted(4)));
    Shell two = new Shell(home, collector);
    assertThat(two.run("drift", "-o", "csv")).as(two.err()).isZero();
    assertThat(two.out().lines())
        .containsExactly(
            titles.strip(),
            "n1,3,NVIDIA B200,vbios,97.01,97.02,desired,,s,GPU-3",
            "n1,4,NVIDIA B200,vbios,97.01,97.02,desired,,s,GPU-4");
  }
}
