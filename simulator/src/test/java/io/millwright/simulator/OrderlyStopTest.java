package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The life of the process: a quick start, a reload, an end in order whatever the driver does. */
class OrderlyStopTest {
  private static final String RELOADED = "millwright_agent_config_last_reload_successful";

  @TempDir
  @SuppressWarnings("NullAway.Init") // JUnit sets it
  private Path directory;

  @Test
  void theHostsPageIsServedSoonAfterTheStart() throws Exception {
    try (AgentProcess agent =
        AgentProcess.start("up", "--listen", "127.0.0.1:0", "--set", "nvidia.enabled=false")) {
      agent.awaitPage(page -> page.value("millwright_node_cpu_seconds_total").isPresent());
      Duration took = agent.age();
      System.out.println("host page served after " + took.toMillis() + " ms");
      assertThat(took).isLessThan(Duration.ofSeconds(10));
      assertThat(agent.greeted()).isEqualTo(agent.url());
      assertThat(agent.get("/livez").statusCode()).isEqualTo(200);
      assertThat(agent.get("/readyz").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void itEndsByItselfAfterTheTimeItWasGiven() throws Exception {
    try (AgentProcess agent = AgentProcess.start("up", "--for", "2s", "--listen", "127.0.0.1:0")) {
      assertThat(agent.greeted().getPort()).isPositive();
      assertThat(agent.exitCode()).isZero();
      assertThat(agent.age()).isGreaterThan(Duration.ofSeconds(2));
      assertThat(agent.errors()).contains("agent stopped stuck_calls=[]");
    }
  }

  /** An orderly stop is exit code 0 and not the JVM's own 143: it is no failure. */
  @Test
  void aSignalToStopEndsItInOrder() throws Exception {
    SimulatedNode node = AgentProcess.simulated("profile b200");
    for (String signal : List.of("TERM", "INT")) {
      try (AgentProcess agent = AgentProcess.up(node)) {
        agent.awaitPage(page -> page.up(8));
        agent.signal(signal);
        assertThat(agent.exitCode()).as(signal).isZero();
        assertThat(agent.errors()).contains("agent stopped stuck_calls=[]");
      }
    }
  }

  @Test
  void theDaemonEndsInOrderToo() throws Exception {
    try (AgentProcess agent =
        AgentProcess.start(
            "agent", "run", "--listen", "127.0.0.1:0", "--set", "nvidia.enabled=false")) {
      agent.awaitLog("no accelerator found: host only (nvidia.enabled is false)");
      agent.awaitPage(page -> page.value("millwright_node_cpu_seconds_total").isPresent());
      agent.signal("TERM");
      assertThat(agent.exitCode()).isZero();
    }
  }

  @Test
  void aHungCallIsNamedAndDoesNotKeepTheProcess() throws Exception {
    SimulatedNode node = AgentProcess.simulated("profile b200");
    try (AgentProcess agent = AgentProcess.up(node)) {
      agent.awaitPage(page -> page.up(8));
      node.fault(5, "hang nvmlDeviceGetUtilizationRates");
      agent.awaitPage(page -> page.device(5, "up") == 0);
      long asked = System.nanoTime();
      agent.signal("TERM");
      assertThat(agent.exitCode()).isEqualTo(1);
      Duration took = Duration.ofNanos(System.nanoTime() - asked);
      System.out.println("stop with a hung call took " + took.toMillis() + " ms");
      assertThat(took).isLessThan(Duration.ofSeconds(20));
      assertThat(agent.errors())
          .contains("native calls in flight calls=[nvmlDeviceGetUtilizationRates]");
    }
  }

  @Test
  void hangUpReadsTheConfigurationAgainAndABadOneChangesNothing() throws Exception {
    SimulatedNode node = AgentProcess.simulated("profile b200");
    Path file = directory.resolve("agent.yaml");
    deadline(file, "60s");
    try (AgentProcess agent = AgentProcess.up(node, "--config", file.toString())) {
      LivePage before = agent.awaitPage(page -> page.up(8));
      assertThat(before.value(RELOADED)).hasValue(1);
      node.fault(2, "hang");

      Files.writeString(file, "nvidia:\n  call_deadline: 1s\n  call_deadlin: 2s\n");
      agent.signal("HUP");
      agent.awaitPage(page -> page.value(RELOADED).orElse(1) == 0);
      assertThat(agent.errors())
          .contains("configuration refused: " + file + ":3:3")
          .contains("nvidia.call_deadlin is not a key; did you mean call_deadline?");
      assertThat(agent.scrape().values("millwright_accelerator_native_call_stuck_seconds"))
          .as("the old deadline of a minute is in force")
          .isEmpty();

      deadline(file, "500ms");
      agent.signal("HUP");
      LivePage after = agent.awaitPage(page -> page.device(2, "native_call_stuck_seconds") > 0.5);
      assertThat(after.value(RELOADED)).hasValue(1);
      assertThat(hash(after)).isNotEqualTo(hash(before));
      assertThat(agent.errors()).contains("configuration reloaded sha256=");
      node.fault(2, "release");
      agent.awaitPage(page -> page.up(8));
      agent.signal("TERM");
      assertThat(agent.exitCode()).isZero();
    }
  }

  private static void deadline(Path file, String span) throws IOException {
    Files.writeString(file, "nvidia:\n  call_deadline: " + span + "\n");
  }

  private static String hash(LivePage page) {
    return page.series().keySet().stream()
        .filter(series -> series.startsWith("millwright_agent_config_info"))
        .findFirst()
        .orElseThrow();
  }

  /** The verbs of the simulator reach the node that a person started. */
  @Test
  void upOverSimulatedDevicesSaysSo() throws Exception {
    try (AgentProcess agent =
        AgentProcess.simulator("up", "--simulate", "h100", "--listen", "127.0.0.1:0")) {
      LivePage page = agent.awaitPage(seen -> seen.up(8));
      assertThat(page.values("millwright_accelerator_info", "simulated=\"true\"")).hasSize(8);
      agent.signal("TERM");
      assertThat(agent.exitCode()).isZero();
      assertThat(agent.output()).startsWith("SIMULATED accelerators of profile h100");
      assertThat(agent.output()).contains("8 accelerators");
    }
  }
}
