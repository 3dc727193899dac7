package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * dcgm-exporter's dashboard 12239 over {@code /metrics/dcgm} of an agent on simulated hardware, in
 * a real Prometheus. The families, labels and variables are those that the dashboard is known to
 * need; the expressions around them are written here and not taken from its file.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // set before all tests, or the tests are skipped
class DcgmDashboardTest {
  private static final int DEVICES = 8;
  private static final String CHOSEN = "{instance=~\".+\",gpu=~\"[0-7]\"}";

  @TempDir private static Path directory;
  private AgentProcess agent;
  private PrometheusProcess prometheus;

  /**
   * A panel's query.
   *
   * @param series how many there must be
   */
  record Panel(String expression, int series) {}

  static List<Panel> panels() {
    return List.of(
        new Panel("DCGM_FI_DEV_GPU_TEMP" + CHOSEN, DEVICES),
        new Panel("avg(DCGM_FI_DEV_GPU_TEMP" + CHOSEN + ")", 1),
        new Panel("DCGM_FI_DEV_POWER_USAGE" + CHOSEN, DEVICES),
        new Panel("sum(DCGM_FI_DEV_POWER_USAGE" + CHOSEN + ")", 1),
        new Panel("DCGM_FI_DEV_SM_CLOCK" + CHOSEN + " * 1000000", DEVICES),
        new Panel("DCGM_FI_DEV_GPU_UTIL" + CHOSEN, DEVICES),
        new Panel("DCGM_FI_PROF_PIPE_TENSOR_ACTIVE" + CHOSEN, DEVICES),
        new Panel("DCGM_FI_DEV_FB_USED" + CHOSEN, DEVICES));
  }

  @BeforeAll
  void startBoth() throws IOException {
    Path program = program("prometheus");
    SimulatedNode node = AgentProcess.simulated("profile b200", "load 0.5");
    agent = AgentProcess.up(node, "--set", "page.dialects=dcgm,dcgm49");
    agent.awaitPage(page -> page.up(DEVICES));
    Path config = directory.resolve("prometheus.yml");
    Files.writeString(
        config,
        """
        global: {scrape_interval: 1s, scrape_timeout: 1s}
        scrape_configs:
          - job_name: dcgm
            metrics_path: /metrics/dcgm
            static_configs: [{targets: ['127.0.0.1:%1$d']}]
          - job_name: dcgm49
            metrics_path: /metrics/dcgm49
            static_configs: [{targets: ['127.0.0.1:%1$d']}]
          - job_name: millwright
            static_configs: [{targets: ['127.0.0.1:%1$d']}]
        """
            .formatted(agent.url().getPort()));
    prometheus = PrometheusProcess.start(program, config, directory);
    AgentProcess.soon().ignoreExceptions().until(() -> count("up == 1") == 3);
    AgentProcess.soon().until(() -> count("DCGM_FI_DEV_FB_USED") == DEVICES);
  }

  @AfterAll
  void stopBoth() throws IOException {
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

  private int count(String expression) throws IOException, InterruptedException {
    return (int) prometheus.query("count(" + expression + ")").orElse(0);
  }

  @ParameterizedTest
  @MethodSource("panels")
  void everyPanelFindsData(Panel panel) {
    AgentProcess.soon().until(() -> count(panel.expression()) == panel.series());
  }

  @Test
  void theVariablesHaveTheirValues() throws Exception {
    String match = "values?match[]=DCGM_FI_DEV_GPU_TEMP".replace("[", "%5B").replace("]", "%5D");
    assertThat(prometheus.ask("label/instance/" + match)).contains("127.0.0.1:");
    assertThat(prometheus.ask("label/gpu/" + match))
        .contains("\"data\":[\"0\",\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\"]");
  }

  @Test
  void noScrapeIsRefused() throws Exception {
    String targets = prometheus.ask("targets?state=active");
    assertThat(targets).doesNotContain("\"health\":\"down\"");
    assertThat(targets.split("\"lastError\":\"\"", -1)).hasSize(4);
    assertThat(prometheus.query("sum(scrape_samples_scraped{job=\"dcgm\"})").orElse(0))
        .isGreaterThan(35 * DEVICES);
  }

  /** Both pages and our own say the same of one device within what a second changes. */
  @Test
  void theUnitsAgreeInPrometheusToo() {
    AgentProcess.soon()
        .until(() ->
            same("DCGM_FI_DEV_FB_TOTAL", "DCGM_FI_DEV_FB_CAPACITY_BYTES / 1048576 - 0.5")
                && same("DCGM_FI_DEV_MAX_SM_CLOCK", "DCGM_FI_DEV_SM_MAX_CLOCK_HERTZ / 1e6"));
  }

  /** The exporter has rates where we have counters; Prometheus makes one of the other. */
  @ParameterizedTest
  @CsvSource({
    "DCGM_FI_PROF_PCIE_TX_BYTES, millwright_accelerator_pcie_transmit_bytes_total",
    "DCGM_FI_PROF_PCIE_RX_BYTES, millwright_accelerator_pcie_receive_bytes_total"
  })
  void aRateIsWhatPrometheusMakesOfOurCounter(String rate, String counter) {
    double[] seen = new double[2];
    AgentProcess.within(Duration.ofSeconds(60))
        .pollInterval(Duration.ofSeconds(1))
        .untilAsserted(() -> {
          seen[0] =
              prometheus.query("sum(avg_over_time(" + rate + "{job=\"dcgm\"}[12s]))").orElse(0);
          seen[1] = prometheus.query("sum(rate(" + counter + "[12s]))").orElse(0);
          assertThat(seen[1]).isGreaterThan(1000);
          assertThat(seen[0] / seen[1]).isBetween(0.9, 1.1);
        });
    System.out.println("%s: page %.0f, Prometheus %.0f bytes/s".formatted(rate, seen[0], seen[1]));
  }

  private boolean same(String one, String other) throws IOException, InterruptedException {
    String difference = "abs(sum(%s) - sum(%s))".formatted(one, other);
    return prometheus.query(difference + " < " + DEVICES).isPresent();
  }

  /** Its complaints are about the exporter's names; a page that it cannot read ends with 1. */
  @ParameterizedTest
  @ValueSource(strings = {"/metrics/dcgm", "/metrics/dcgm49"})
  void promtoolComplainsOfNothingButTheNames(String path) throws Exception {
    HttpResponse<String> page = agent.get(path);
    assertThat(page.statusCode()).isEqualTo(200);
    Path said = directory.resolve("promtool" + path.replace('/', '-'));
    Process promtool =
        new ProcessBuilder(List.of(program("promtool").toString(), "check", "metrics"))
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    try (OutputStream in = promtool.getOutputStream()) {
      in.write(page.body().getBytes(StandardCharsets.UTF_8));
    }
    assertThat(promtool.waitFor()).isEqualTo(3);
    assertThat(Files.readAllLines(said))
        .isNotEmpty()
        .allMatch(line ->
            line.matches(
                "DCGM_\\w+ (counter metrics should have \"_total\" suffix"
                    + "|non-counter metrics should not have \"_total\" suffix"
                    + "|metric name should not include type 'counter'"
                    + "|label names should be written in 'snake_case' not 'camelCase')"));
  }
}
