package io.millwright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.cli.StandIn.Reply;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PowerTest {
  private final StandIn collector = new StandIn();

  @TempDir private Path home;
  private Shell shell;

  @BeforeEach
  void open() {
    shell = new Shell(home, collector);
    answers("done", ",\"set_watts\":600.0,\"in_force_watts\":600.0");
  }

  @AfterEach
  void close() {
    collector.close();
  }

  private void answers(String result, String more) {
    String view =
        "{\"schema_version\":1,\"node\":\"n1\",\"devices\":[{\"uuid\":\"GPU-1\",\"result\":\"%s\"%s}]}"
            .formatted(result, more);
    collector.on("POST /v1/nodes/n1/power", one -> Reply.json(200, view));
  }

  @Test
  void saysWhatIsInForce() {
    assertThat(shell.run("power", "cap", "n1", "--watts", "600")).isZero();
    assertThat(shell.out().lines().map(line -> line.replaceAll("\\s+", " ")))
        .containsExactly("UUID SET IN-FORCE RESULT", "GPU-1 600W 600W done");
    assertThat(collector.asked().getFirst().body()).isEqualTo("{\"watts\":600}");
  }

  /** A row an accelerator, also where one of them is not held to it. */
  @Test
  void acceleratorsAreTheRowsOfCsv() {
    collector.on(
        "POST /v1/nodes/n1/power",
        one ->
            Reply.json(
                200,
                "{\"schema_version\":1,\"node\":\"n1\",\"devices\":["
                    + "{\"uuid\":\"GPU-1\",\"result\":\"done\",\"set_watts\":600.0,\"in_force_watts\":600.0},"
                    + "{\"uuid\":\"GPU-2\",\"result\":\"refused: in use, by others\"}]}"));
    assertThat(shell.run("power", "cap", "n1", "--watts=600", "-o", "csv")).isEqualTo(1);
    assertThat(shell.out())
        .isEqualTo(
            "uuid,set_watts,in_force_watts,result\r\nGPU-1,600.0,600.0,done\r\nGPU-2,,,\"refused: in use, by others\"\r\n");
  }

  @Test
  void namesDevicesAndTakesACapAway() {
    assertThat(
            shell.run(
                "power", "cap", "n1", "--watts=default", "--device", "GPU-1", "--device=GPU-2"))
        .isZero();
    assertThat(collector.asked().getFirst().body())
        .isEqualTo("{\"watts\":\"default\",\"devices\":[\"GPU-1\",\"GPU-2\"]}");
  }

  @Test
  void failsWhereOneIsNotHeldToIt() {
    answers("refused: in use", "");
    assertThat(shell.run("power", "cap", "n1", "--watts", "600")).isEqualTo(1);
    assertThat(shell.out()).contains("refused: in use");
    assertThat(shell.err()).isEqualTo("1 of 1 accelerators of n1 are not held to it: see RESULT\n");
  }

  @Test
  void refusesWhatIsNoNumberOfWatts() {
    for (String bad : new String[] {"0", "-1", "600W", "1.5", "1000000", "Default", ""}) {
      assertThat(shell.run("power", "cap", "n1", "--watts=" + bad)).as(bad).isEqualTo(64);
    }
    assertThat(shell.run("power", "cap", "n1")).isEqualTo(64);
    assertThat(shell.run("power")).isEqualTo(64);
    assertThat(collector.asked()).isEmpty();
  }

  @Test
  void passesTheCollectorsSentence() {
    collector.on("POST /v1/nodes/n1/power", one -> Reply.problem(409, "node n1: not ours."));
    assertThat(shell.run("power", "cap", "n1", "--watts", "600")).isEqualTo(1);
    assertThat(shell.err()).isEqualTo("node n1: not ours.\n");
  }
}
