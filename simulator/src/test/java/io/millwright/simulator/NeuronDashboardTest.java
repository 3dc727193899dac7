package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * AWS's dashboard over {@code /metrics/neuron} of an agent whose neuron-monitor is a stand-in with
 * synthetic records, in a real Prometheus. There is no Neuron device; the host is real.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // set before all tests, or the tests are skipped
class NeuronDashboardTest {
  @TempDir private static Path directory;
  private AgentProcess agent;
  private PrometheusProcess prometheus;

  private static String resource(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(NeuronDashboardTest.class.getResourceAsStream("/neuron/" + name))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  static List<String> expressions() throws IOException {
    return resource("dashboard-expressions.txt")
        .lines()
        .filter(line -> !line.startsWith("#"))
        .toList();
  }

  private static Path program(String name) {
    Path program = Path.of(System.getProperty(name, ""));
    assumeTrue(Files.isExecutable(program), name + " is not at -D" + name);
    return program;
  }

  @BeforeAll
  void startBoth() throws IOException {
    Path program = program("prometheus");
    Path monitor = directory.resolve("neuron-monitor");
    Files.writeString(monitor, resource("stand-in-monitor.sh"));
    Files.setPosixFilePermissions(monitor, PosixFilePermissions.fromString("rwxr-xr-x"));
    agent =
        AgentProcess.start(
            "up",
            "--listen",
            "127.0.0.1:0",
            "--set",
            "node.name=node1",
            "--set",
            "nvidia.enabled=false",
            "--set",
            "health.kernel_log=",
            "--set",
            "health.directory=" + directory.resolve("health"),
            "--set",
            "page.dialects=neuron",
            "--set",
            "sampling.medium=1s",
            "--set",
            "neuron.monitor=" + monitor);
    AgentProcess.soon()
        .until(() -> agent.get("/metrics/neuron").body().contains("execution_status_total{"));
    Path config = directory.resolve("prometheus.yml");
    Files.writeString(
        config,
        """
        global: {scrape_interval: 1s, scrape_timeout: 1s}
        scrape_configs:
          - job_name: neuron
            metrics_path: /metrics/neuron
            static_configs: [{targets: ['127.0.0.1:%1$d']}]
          - job_name: millwright
            static_configs: [{targets: ['127.0.0.1:%1$d']}]
        """
            .formatted(agent.url().getPort()));
    prometheus = PrometheusProcess.start(program, config, directory);
    AgentProcess.soon()
        .ignoreExceptions()
        .until(() -> prometheus.query("count(up == 1)").orElse(0) == 2);
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

  @ParameterizedTest
  @MethodSource("expressions")
  void everyPanelFindsData(String expression) {
    AgentProcess.soon()
        .until(() -> {
          String answer =
              prometheus.ask(
                  "query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8));
          return answer.contains("\"value\":[") && !answer.contains("\"NaN\"");
        });
  }

  /** What the stand-in says, in the words of the panels: no core is halved by the other runtime. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "avg(neuroncore_utilization_ratio) ; 0.5",
        "count(neuroncore_utilization_ratio > 0) ; 4",
        "neuroncore_utilization_ratio{runtime_tag='train-1',neuroncore='2'} ; 0.4",
        "count(execution_status_total) ; 12",
        "count(execution_errors_total) ; 12",
        "avg(execution_latency_seconds{percentile='p99'}) ; 0.02",
        "sum(neuron_runtime_memory_used_bytes{memory_location='neuron_device'}) ; 24000000",
        "sum(neuroncore_memory_usage_model_code{memory_location='None'}) ; 8000000",
        "sum(neuron_runtime_vcpu_usage_ratio{usage_type='user'}) ; 0.5",
        "hardware_ecc_events_total{neuron_device_index='0',event_type='mem_ecc_corrected'} ; 3",
        "count(neuron_hardware_info{neuron_device_count='1',neuroncore_per_device_count='4'}) ; 1",
        "count(instance_info{instance_id='node1',instance_name='node1',availability_zone=''}) ; 1",
        "count(system_vcpu_usage_ratio <= 1) ; 2",
        "count(millwright_accelerator_execution_latency_seconds) ; 14"
      })
  void everyValueIsWhatTheStandInSays(String expression, double value) {
    AgentProcess.soon().until(() -> prometheus.query(expression).orElse(-1) == value);
  }

  @Test
  void countsRiseWithEachRecord() {
    AgentProcess.soon()
        .until(() ->
            prometheus
                    .query("sum(increase(execution_status_total{status_type='completed'}[10s]))")
                    .orElse(0)
                > 100);
  }

  /** Its one complaint is about the exporter's name; a page that it cannot read ends with 1. */
  @Test
  void promtoolComplainsOfNothingButAName() throws Exception {
    Path said = directory.resolve("promtool");
    Process promtool =
        new ProcessBuilder(List.of(program("promtool").toString(), "check", "metrics"))
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    try (OutputStream in = promtool.getOutputStream()) {
      in.write(agent.get("/metrics/neuron").body().getBytes(StandardCharsets.UTF_8));
    }
    int exit = promtool.waitFor();
    assertThat(Files.readAllLines(said))
        .containsExactly(
            "system_vcpu_count non-histogram and non-summary metrics should not have \"_count\""
                + " suffix");
    assertThat(exit).isEqualTo(3);
  }
}
