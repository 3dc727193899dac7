package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The agent's page under a real Prometheus and its judge of pages, where they are at hand. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // set before all tests, or the tests are skipped
class PrometheusTest {
  private static final int DEVICES = 8;

  @TempDir private static Path directory;
  private AgentProcess agent;
  private PrometheusProcess prometheus;

  @BeforeAll
  void startBoth() throws IOException {
    Path program = program("prometheus");
    SimulatedNode node =
        AgentProcess.simulated("profile b200", "load 0.5", "set all tau_power_ms 300");
    agent = AgentProcess.up(node);
    agent.awaitPage(page -> page.up(DEVICES));
    Path config = directory.resolve("prometheus.yml");
    Files.writeString(
        config,
        """
        global: {scrape_interval: 1s, scrape_timeout: 1s}
        scrape_configs:
          - job_name: millwright
            static_configs: [{targets: ['127.0.0.1:%d']}]
        """
            .formatted(agent.url().getPort()));
    prometheus = PrometheusProcess.start(program, config, directory);
    AgentProcess.soon().ignoreExceptions().until(() -> query("up").orElse(0) == 1);
  }

  @AfterAll
  void stopBoth() throws IOException, InterruptedException {
    if (prometheus != null) {
      prometheus.close();
    }
    if (agent != null) {
      agent.close();
    }
  }

  private static Path program(String name) {
    Path program = Path.of(System.getProperty(name, ""));
    assumeTrue(
        Files.isRegularFile(program) && Files.isExecutable(program), name + " is not at -D" + name);
    return program;
  }

  @Test
  void itScrapesWithoutErrorsAndAnswersQueries() throws Exception {
    assertThat(query("up")).hasValue(1);
    AgentProcess.soon()
        .until(() -> query("count(millwright_accelerator_power_watts)").orElse(0) == DEVICES);
    assertThat(query("count(millwright_node_cpu_seconds_total)").orElse(0)).isPositive();
    assertThat(query("count(millwright_agent_build_info)")).hasValue(1);
    String targets = ask("targets?state=active");
    assertThat(targets).contains("\"health\":\"up\"", "\"lastError\":\"\"");
    assertThat(query("sum(scrape_samples_scraped)").orElse(0)).isGreaterThan(500);
  }

  /** Only OpenMetrics tells the unit of a family. */
  @Test
  void itIsGivenOpenMetrics() throws Exception {
    assertThat(ask("targets/metadata?metric=millwright_accelerator_power_watts"))
        .contains("\"type\":\"gauge\"", "\"unit\":\"watts\"");
  }

  @Test
  void theEnergyCounterGrowsByThePower() {
    double[] seen = new double[2];
    AgentProcess.within(Duration.ofSeconds(40))
        .pollInterval(Duration.ofSeconds(1))
        .untilAsserted(() -> {
          seen[0] = query("sum(rate(millwright_accelerator_energy_joules_total[12s]))").orElse(0);
          seen[1] = query("sum(avg_over_time(millwright_accelerator_power_watts[12s]))").orElse(0);
          assertThat(seen[1]).isGreaterThan(1000);
          assertThat(seen[0] / seen[1]).isBetween(0.9, 1.1);
        });
    System.out.println("Prometheus: energy rate %.0f W, power %.0f W".formatted(seen[0], seen[1]));
  }

  @Test
  void promtoolHasNothingToSay() throws Exception {
    Process promtool =
        new ProcessBuilder(List.of(program("promtool").toString(), "check", "metrics"))
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("promtool").toFile())
            .start();
    try (OutputStream in = promtool.getOutputStream()) {
      in.write(agent.scrape().text().getBytes(StandardCharsets.UTF_8));
    }
    assertThat(promtool.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readString(directory.resolve("promtool"))).isEmpty();
    assertThat(promtool.exitValue()).isZero();
  }

  private OptionalDouble query(String expression) throws IOException, InterruptedException {
    return prometheus.query(expression);
  }

  private String ask(String what) throws IOException, InterruptedException {
    return prometheus.ask(what);
  }
}
