package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * The committed dashboards and rules over a fleet of real processes: Debian's Prometheus reads it
 * with the example configuration, only faster, and answers what the boards ask.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // set before all tests, or the tests are skipped
class DashboardsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path DASHBOARDS = Path.of("..", "dashboards").toAbsolutePath().normalize();
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  /** Beside the configuration, where a careless site puts it. */
  private static final String TOKEN = "prometheus.token";

  private static final Pattern LEGEND = Pattern.compile("\\{\\{([a-z_]+)\\}\\}");

  /** Broken on purpose, so that panels of trouble have something to show. */
  private static final int SICK = 5;

  private static final int HUNG = 7;

  /** Which panels may show nothing, and why. */
  private static final Map<String, String> MAY_BE_EMPTY =
      Map.of(
          "Node / Host temperatures", "a container has no sensors",
          "Node / Pressure", "a kernel may be without PSI",
          "Node / Kernel log", "nobody may be allowed to read it",
          "Health & agents / Failing probes", "all of this node may work");

  private static final Pattern SERVED =
      Pattern.compile("--web.user-assets=/etc/millwright/dashboards(\\S*)\n");

  @TempDir private static Path directory;
  private JobSite site;
  private PrometheusProcess prometheus;
  private String home = "";

  /** One expression of a panel, as Prometheus is asked. */
  private record Question(String panel, String expression, String legend) {}

  @BeforeAll
  void startAll() throws Exception {
    Path program = Path.of(System.getProperty("prometheus", ""));
    assumeTrue(
        Files.isRegularFile(program) && Files.isExecutable(program),
        "prometheus is not at -Dprometheus");
    site = JobSite.of("node1", "node2");
    site.startAgent("node1", "load 0.5");
    int first = site.pagePort("node1");
    site.startAgent("node2", "load 0.3");
    int second = site.pagePort("node2");
    site.awaitNodes(2);
    Path config = configuration(List.of(first, second));
    prometheus = PrometheusProcess.start(program, config, directory, userAssets());
    AgentProcess.soon()
        .ignoreExceptions()
        .until(() -> prometheus.query("count(up == 1)").orElse(0) == 6);
    site.submit(JobSite.job("train", 8, "sleep 600"));
    site.submit(JobSite.job("short", 1, "true"));
    home = site.awaitState("train", "running").get("nodes").get(0).asText();
    site.awaitState("short", "ended");
    breakThings();
  }

  /** What compose.yaml serves of the directory of the configuration, here of a copy of it. */
  private static String userAssets() throws IOException {
    Path runbooks = Path.of("assets", "runbooks");
    Files.createDirectories(directory.resolve(runbooks));
    try (Stream<Path> files = Files.list(DASHBOARDS.resolve(runbooks))) {
      for (Path file : files.toList()) {
        Files.copy(file, directory.resolve(runbooks).resolve(file.getFileName()));
      }
    }
    String compose = Files.readString(DASHBOARDS.resolve("compose.yaml"));
    java.util.regex.Matcher served = SERVED.matcher(compose);
    assertThat(served.find()).isTrue();
    return "--web.user-assets=" + directory + served.group(1);
  }

  private void breakThings() throws IOException {
    site.hardware(home).fault(SICK, "xid 119");
    site.hardware(home).fault(SICK, "ecc corrected 3");
    site.hardware(home.equals("node1") ? "node2" : "node1").fault(HUNG, "hang");
    for (String node : List.of("node1", "node2")) {
      site.hardware(node).command("freeze"); // values that stand still can be compared
    }
  }

  /** The example's own, with this fleet's addresses and shorter periods. */
  private Path configuration(List<Integer> pages) throws IOException {
    String text = Files.readString(DASHBOARDS.resolve("prometheus.yml"));
    for (Map.Entry<String, String> change :
        Map.of(
                "localhost:9461", "127.0.0.1:" + site.httpPort(),
                "scrape_interval: 10s", "scrape_interval: 1s\n  scrape_timeout: 1s",
                "refresh_interval: 30s", "refresh_interval: 1s",
                "- static_configs: [{targets: ['localhost:9093']}]", "[]",
                "/etc/millwright/prometheus.token", directory.resolve(TOKEN).toString())
            .entrySet()) {
      assertThat(text).contains(change.getKey());
      text = text.replace(change.getKey(), change.getValue());
    }
    Files.createDirectories(directory.resolve("agents"));
    Files.writeString(
        directory.resolve("agents").resolve("all.json"),
        JSON.writeValueAsString(
            List.of(
                Map.of(
                    "targets", List.of("127.0.0.1:" + pages.get(0)),
                    "labels", Map.of("node", "node1")),
                Map.of("targets", List.of("127.0.0.1:" + pages.get(1))))));
    Path token = directory.resolve(TOKEN);
    Files.writeString(token, JobSite.TOKEN);
    Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
    Files.createDirectories(directory.resolve("alerts"));
    String rules = Files.readString(DASHBOARDS.resolve("alerts/millwright.rules.yml"));
    assertThat(rules).contains("interval: 30s");
    Files.writeString(
        directory.resolve("alerts/millwright.rules.yml"),
        rules.replace("interval: 30s", "interval: 1s"));
    return Files.writeString(directory.resolve("prometheus.yml"), text);
  }

  @AfterAll
  void stopAll() throws IOException {
    if (prometheus != null) {
      prometheus.close();
    }
    if (site != null) {
      site.close();
    }
  }

  // ---- panels

  private static List<JsonNode> boards() throws IOException {
    try (Stream<Path> files = Files.list(DASHBOARDS.resolve("grafana"))) {
      List<JsonNode> boards = new ArrayList<>();
      for (Path file : files.sorted().toList()) {
        boards.add(JSON.readTree(Files.readString(file)));
      }
      return boards;
    }
  }

  private List<Question> questions() throws IOException {
    List<Question> questions = new ArrayList<>();
    for (JsonNode board : boards()) {
      String name = board.get("title").asText().replace("Millwright / ", "");
      for (JsonNode panel : board.findParents("targets")) {
        String title = name + " / " + panel.get("title").asText();
        for (JsonNode target : panel.get("targets")) {
          String expression = chosen(target.get("expr").asText());
          questions.add(new Question(title, expression, target.get("legendFormat").asText()));
        }
      }
    }
    return questions;
  }

  /** As if somebody had chosen the broken device and the running job. */
  private String chosen(String expression) {
    return expression
        .replace("$__rate_interval", "10s")
        .replace("$__range", "1m")
        .replace("$node", home)
        .replace("$accelerator", Integer.toString(SICK))
        .replace("$model", ".*")
        .replace("$job", "train-r1");
  }

  private JsonNode asked(String expression) throws IOException, InterruptedException {
    String answer =
        prometheus.ask("query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8));
    JsonNode tree = JSON.readTree(answer);
    assertThat(tree.get("status").asText()).as(expression).isEqualTo("success");
    return tree.get("data").get("result");
  }

  @Test
  void everyPanelShowsSomething() throws Exception {
    List<Question> questions = questions();
    assertThat(questions).hasSizeGreaterThan(100);
    Map<String, String> empty = new TreeMap<>();
    Callable<Map<String, String>> look =
        () -> {
          empty.clear();
          for (Question question : questions) {
            if (!shows(question)) {
              empty.put(question.panel(), question.expression());
            }
          }
          empty.keySet().removeAll(MAY_BE_EMPTY.keySet());
          return empty;
        };
    try {
      AgentProcess.within(PATIENCE).pollInterval(Duration.ofSeconds(1)).until(look, Map::isEmpty);
    } catch (org.awaitility.core.ConditionTimeoutException never) {
      throw new AssertionError("these panels stay empty: " + empty + "\n" + site.said(), never);
    }
  }

  /** Numbers, with the labels that the legend names. */
  private boolean shows(Question question) throws IOException, InterruptedException {
    JsonNode result = asked(question.expression());
    for (JsonNode series : result) {
      LEGEND
          .matcher(question.legend())
          .results()
          .forEach(label ->
              assertThat(series.get("metric").has(label.group(1)))
                  .as("%s: %s of %s", question.panel(), label.group(1), series)
                  .isTrue());
    }
    return !result.isEmpty() && !result.get(0).get("value").get(1).asText().equals("NaN");
  }

  @Test
  void allRulesAreEvaluatedWithoutErrorAndTheirRunbooksAreServed() throws Exception {
    AgentProcess.within(PATIENCE)
        .untilAsserted(() -> {
          List<JsonNode> rules = rules();
          assertThat(rules).hasSizeGreaterThan(25);
          assertThat(rules).allMatch(rule -> rule.get("health").asText().equals("ok"));
        });
    for (JsonNode rule : rules()) {
      if (rule.get("type").asText().equals("alerting")) {
        String path = "/user/runbooks/" + rule.get("name").asText() + ".md";
        assertThat(rule.at("/annotations/runbook_url").asText()).endsWith(path);
        assertThat(prometheus.status(path)).as(path).isEqualTo(200);
      }
    }
  }

  /** So that a silent node keeps the alert on its agent quiet. */
  @Test
  void theTargetsOfAgentsCarryTheirNode() throws Exception {
    for (String node : List.of("node1", "127.0.0.1")) {
      String agents = "count(up{job=\"millwright-agent\",node=\"" + node + "\"})";
      AgentProcess.soon().until(() -> prometheus.query(agents).orElse(0) == 1);
    }
  }

  /** Runbooks are for everybody; what lies beside the configuration is not. */
  @Test
  void nothingBesideTheConfigurationIsServed() throws Exception {
    for (String file : List.of(TOKEN, "prometheus.yml", "agents/all.json")) {
      assertThat(directory.resolve(file)).exists();
      assertThat(prometheus.status("/user/" + file)).as(file).isEqualTo(404);
      assertThat(prometheus.status("/user/runbooks/../../" + file)).as(file).isNotEqualTo(200);
    }
    assertThat(prometheus.status("/user/runbooks/NodeFailed.md")).isEqualTo(200);
  }

  private List<JsonNode> rules() throws IOException, InterruptedException {
    List<JsonNode> rules = new ArrayList<>();
    for (JsonNode group : JSON.readTree(prometheus.ask("rules")).at("/data/groups")) {
      group.get("rules").forEach(rules::add);
    }
    return rules;
  }

  // ---- the same number as REST

  /** Time stands still in the hardware: what differs is not from another instant. */
  @Test
  void panelsAndRestSayTheSame() throws Exception {
    Map<String, Callable<Double>> rest = new LinkedHashMap<>();
    rest.put("Fleet / Nodes connected", () -> number("/v1/fleet", "nodes_connected"));
    rest.put("Fleet / Nodes known", () -> number("/v1/fleet", "nodes"));
    rest.put("Fleet / Accelerators up", () -> number("/v1/fleet", "accelerators_up"));
    rest.put("Fleet / Power of accelerators", () -> number("/v1/fleet", "power_watts"));
    rest.put("Fleet / Jobs running", this::running);
    rest.put("Node / Accelerators up", () -> number("/v1/nodes/" + home, "accelerators_up"));
    rest.put("Node / Power of accelerators", () -> number("/v1/nodes/" + home, "power_watts"));
    rest.put("Accelerator / Utilization", () -> ofSick("utilization"));
    rest.put("Accelerator / Power", () -> ofSick("power_watts"));
    rest.put("Accelerator / Temperature", () -> ofSick("temperature_celsius"));
    rest.put("Accelerator / Memory used", () -> ofSick("memory_used_bytes"));
    rest.put(
        "Job / Accelerators held",
        () -> (double) site.json("/v1/jobs/train").get("devices").size());
    for (Map.Entry<String, Callable<Double>> panel : rest.entrySet()) {
      String expression = expressionOf(panel.getKey());
      double[] seen = new double[2];
      AgentProcess.within(PATIENCE)
          .pollInterval(Duration.ofMillis(200))
          .untilAsserted(() -> {
            seen[0] = panel.getValue().call();
            seen[1] = prometheus.query(expression).orElse(Double.NaN);
            assertThat(seen[1]).as(panel.getKey()).isEqualTo(seen[0]);
            assertThat(seen[0]).as(panel.getKey()).isPositive();
          });
      System.out.println("%s: %s, as REST says".formatted(panel.getKey(), seen[1]));
    }
  }

  private String expressionOf(String panel) throws IOException {
    return questions().stream()
        .filter(question -> question.panel().equals(panel))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no panel " + panel))
        .expression();
  }

  private double number(String path, String field) throws IOException, InterruptedException {
    return site.json(path).get(field).asDouble();
  }

  private double running() throws IOException, InterruptedException {
    double count = 0;
    for (JsonNode job : site.json("/v1/jobs")) {
      count += job.get("state").asText().equals("running") ? 1 : 0;
    }
    return count;
  }

  private double ofSick(String field) throws IOException, InterruptedException {
    for (JsonNode device : site.json("/v1/accelerators?node=" + home)) {
      if (device.get("accelerator").asText().equals(Integer.toString(SICK))) {
        return device.get(field).asDouble();
      }
    }
    throw new AssertionError("REST does not list accelerator " + SICK);
  }
}
