package io.millwright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code incidents} against a collector's answers. */
@SuppressWarnings("NullAway.Init") // set before each test
class IncidentsTest {
  private static final String INCIDENT =
      "{\"id\":\"inc-2026-1122-7\",\"aliases\":[\"inc-2026-1122-9\"],\"state\":\"open\",\"severity\":\"critical\",\"revision\":3,"
          + "\"summary\":\"accelerator 3 of n4 (serial 165) is failed by xid-reboot: Xid 79 'once'\",\"cause\":\"device\",\"cause_name\":\"GPU-3\","
          + "\"root\":{\"node\":\"n4\",\"accelerator\":\"3\",\"uuid\":\"GPU-3\",\"serial\":\"165\"},\"opened_ms\":1763751000000,"
          + "\"page\":\"sent\",\"repeats\":2,\"suspects\":1,\"nodes\":[\"n4\"],\"jobs\":[\"train-r1\"],\"evidence\":[{\"node\":\"n4\",\"accelerator\":\"3\","
          + "\"uuid\":\"GPU-3\",\"rule\":\"xid-reboot\",\"verdict\":\"failed\",\"advice\":\"reboot-node\",\"observed\":\"Xid 79 once\",\"codes\":[\"79\"],\"since_ms\":1763751000000}]}";

  @TempDir private Path home;
  private StandIn collector;
  private Shell shell;

  @BeforeEach
  void start() throws IOException {
    collector = new StandIn();
    shell = new Shell(home, collector);
  }

  @AfterEach
  void stop() {
    collector.close();
  }

  @Test
  void listsWhatIsOpen() {
    collector.on("GET /v1/incidents", "[" + INCIDENT + "]");
    assertThat(shell.run("incidents")).isZero();
    assertThat(shell.out())
        .startsWith(
            "INCIDENT         STATE  SEVERITY  OPENED                CALLED  NODES  SUMMARY\n")
        .contains(
            "inc-2026-1122-7  open   critical  2025-11-21T18:50:00Z  sent    n4     accelerator 3");
  }

  @Test
  void listsThoseOfANode() {
    collector.on("GET /v1/incidents", "[" + INCIDENT + "]");
    assertThat(shell.run("incidents", "--all", "--node", "n4", "-o", "json")).isZero();
    assertThat(shell.out()).contains("inc-2026-1122-7");
    assertThat(collector.lines()).containsExactly("GET /v1/incidents?state=all&node=n4");
  }

  @Test
  void closesOneWithAReason() {
    String closed =
        INCIDENT.replace(
            "\"state\":\"open\"",
            "\"state\":\"closed\",\"closed_by\":\"anna\",\"close_reason\":\"scrapped\"");
    collector.on("POST /v1/incidents/inc-2026-1122-7/close", closed);
    assertThat(shell.run("incidents", "close", "inc-2026-1122-7")).isEqualTo(64);
    assertThat(shell.run("incidents", "close", "inc-2026-1122-7", "--reason", "scrapped"))
        .as(shell.err())
        .isZero();
    assertThat(collector.asked().getLast().body()).isEqualTo("{\"reason\":\"scrapped\"}");
    assertThat(shell.out()).contains("closed-by", "anna", "scrapped");
    assertThat(shell.run("incidents", "close", "inc-2026-1122-7", "--reason=x", "--anyway"))
        .isZero();
    assertThat(collector.asked().getLast().body()).isEqualTo("{\"reason\":\"x\",\"anyway\":true}");
  }

  @Test
  void showsOneWithItsEvidence() {
    collector.on("GET /v1/incidents/inc-2026-1122-9", INCIDENT);
    assertThat(shell.run("incidents", "inc-2026-1122-9")).isZero();
    assertThat(shell.out())
        .contains("serial      165")
        .contains("also        inc-2026-1122-9")
        .contains("Xid 79 once")
        .contains("reboot-node");
  }

  @Test
  void hasALineForSlurm() {
    collector.on("GET /v1/incidents", "[" + INCIDENT + "]");
    assertThat(shell.run("incidents", "--slurm-reason", "n4")).isZero();
    assertThat(shell.out())
        .isEqualTo(
            "millwright inc-2026-1122-7: accelerator 3 of n4 (serial 165) is failed by xid-reboot: Xid 79 once\n");
    assertThat(collector.lines()).containsExactly("GET /v1/incidents?state=open&node=n4");
    collector.on("GET /v1/incidents", "[]");
    Shell other = new Shell(home, collector);
    assertThat(other.run("incidents", "--slurm-reason", "n5")).isZero();
    assertThat(other.out()).isEmpty();
  }

  @Test
  void refusesToShowOneAndToList() {
    assertThat(shell.run("incidents", "inc-2026-1122-7", "--node", "n4")).isEqualTo(64);
    assertThat(shell.err()).contains("do not go together");
  }
}
