package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real Prometheus that finds the nodes of a collector by HTTP service discovery, scrapes each
 * node's page and the page of the whole fleet: {@code prometheus} from -Dprometheus.
 */
class CollectorPrometheusTest {
  private static final int DEVICES = 8;

  @TempDir private Path directory;

  @Test
  void itFindsTheNodesAndScrapesThemAndTheFleet() throws Exception {
    Path program = Path.of(System.getProperty("prometheus", ""));
    assumeTrue(
        Files.isRegularFile(program) && Files.isExecutable(program),
        "prometheus is not at -Dprometheus");
    try (JobSite site = JobSite.of("node1", "node2")) {
      site.startAgent("node1");
      site.startAgent("node2");
      site.awaitNodes(2);
      Path config = directory.resolve("prometheus.yml");
      Files.writeString(
          config,
          """
          global: {scrape_interval: 1s, scrape_timeout: 1s}
          scrape_configs:
            - job_name: nodes
              http_sd_configs: [{url: "http://127.0.0.1:%1$d/sd/targets", refresh_interval: 1s}]
            - job_name: fleet
              metrics_path: /metrics/fleet
              params: {set: [hot]}
              static_configs: [{targets: ["127.0.0.1:%1$d"]}]
            - job_name: collector
              static_configs: [{targets: ["127.0.0.1:%1$d"]}]
          """
              .formatted(site.httpPort()));
      try (PrometheusProcess prometheus = PrometheusProcess.start(program, config, directory)) {
        await(prometheus, "sum(up{job=\"nodes\"})", 2);
        await(prometheus, "sum(up{job=~\"fleet|collector\"})", 2);
        for (String job : new String[] {"nodes", "fleet"}) {
          await(
              prometheus,
              "count(millwright_accelerator_power_watts{job=\"%s\",scope=\"gpu\"})".formatted(job),
              2 * DEVICES);
        }
        await(prometheus, "count(count by (node) ({job=\"nodes\",node!=\"\"}))", 2);
        await(prometheus, "count(millwright_collector_rack_power_watts{job=\"collector\"})", 2);
        assertThat(prometheus.query("sum(millwright_accelerator_up{job=\"fleet\"})"))
            .hasValue(2 * DEVICES);
        assertThat(prometheus.query("count(up{job=\"nodes\",millwright_node=\"node2\"})"))
            .hasValue(1);
        assertThat(prometheus.ask("targets?state=active")).doesNotContain("\"health\":\"down\"");

        site.killAgent("node2");
        await(prometheus, "sum(up{job=\"nodes\"})", 1);
        await(prometheus, "count(millwright_accelerator_up{job=\"fleet\"})", DEVICES);
        await(prometheus, "count(up{job=\"nodes\"})", 2);
      }
      JsonNode history =
          site.json(
              "/v1/accelerators/"
                  + site.json("/v1/accelerators?node=node1").get(0).get("uuid").asText()
                  + "/history?metric=millwright_accelerator_power_watts");
      assertThat(history.get("steps").size()).isGreaterThan(2);
      assertThat(history.at("/steps/0/mean").asDouble()).isPositive();
    }
  }

  private static void await(PrometheusProcess prometheus, String expression, double value) {
    AgentProcess.soon()
        .ignoreExceptions()
        .untilAsserted(
            () -> assertThat(prometheus.query(expression)).as(expression).hasValue(value));
  }
}
