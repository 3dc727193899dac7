package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millwright.protocol.bodies.HealthBody;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.health.Judgement;
import io.millwright.protocol.vocabulary.health.Subject;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * One lost, one hung and one degraded accelerator of a node, read from everything that tells of
 * them: agent and collector, as pages for Prometheus, REST, the command line as processes of its
 * own, and what the web page asks for. All are to say the same in the same words. The accelerators
 * are simulated; nothing here changes what was broken before the first test.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // set before the first test
class SaidEverywhereTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String NODE = "node1";
  private static final int DEVICES = 8;
  private static final int HUNG = 6;
  private static final int DEGRADED = 7;

  /** Of which the page's script asks. */
  private static final Pattern ASKED = Pattern.compile("ask\\('(/v1/[^']+)'\\)");

  private final HttpClient http = HttpClient.newHttpClient();
  private JobSite site;
  private Path token;
  private int lost;

  /** Without the one figure that moves: a collector is told such figures anew every 30 s alone. */
  private static String still(String text) {
    return text.replaceAll("in flight for [0-9]+ s", "in flight");
  }

  /** One piece of evidence, as far as it is said everywhere; empty words where nothing is said. */
  private record Said(
      String accelerator,
      String rule,
      int version,
      String verdict,
      String advice,
      String scope,
      String observed,
      long sinceMs,
      String clears,
      String job,
      boolean observeOnly)
      implements Comparable<Said> {
    Said {
      observed = still(observed);
    }

    static Said of(Subject subject, Evidence evidence) {
      return new Said(
          subject instanceof Subject.Device(String index, String _) ? index : "",
          evidence.rule(),
          evidence.version(),
          evidence.verdict().word(),
          evidence.advice().word(),
          evidence.scope().word(),
          evidence.observed(),
          evidence.sinceMs(),
          evidence.clears(),
          evidence.job().orElse(""),
          evidence.observeOnly());
    }

    static Said of(JsonNode view) {
      return new Said(
          view.path("accelerator").asText(""),
          view.get("rule").asText(),
          view.get("version").asInt(),
          view.get("verdict").asText(),
          view.get("advice").asText(),
          view.get("scope").asText(),
          view.get("observed").asText(),
          view.get("since_ms").asLong(),
          view.get("clears").asText(),
          view.path("job").asText(""),
          view.get("observe_only").asBoolean());
    }

    String subject() {
      return accelerator.isEmpty() ? "node" : "accelerator " + accelerator;
    }

    String since() {
      return Instant.ofEpochMilli(sinceMs).truncatedTo(ChronoUnit.SECONDS).toString();
    }

    @Override
    public int compareTo(Said other) {
      return toString().compareTo(other.toString());
    }
  }

  /** What a verb printed, and its exit code. */
  private record Printed(int code, String text) {
    Printed {
      text = still(text);
    }

    /** Its lines, with one tab for each gap between columns. */
    Set<String> lines() {
      return text.lines().map(line -> line.replaceAll(" {2,}", "\t")).collect(Collectors.toSet());
    }

    JsonNode json() throws IOException {
      return JSON.readTree(text);
    }
  }

  @BeforeAll
  void breakThree() throws Exception {
    site = JobSite.of(NODE);
    token = site.directory().resolve("token");
    Files.writeString(token, JobSite.TOKEN + "\n");
    Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
    site.startAgent(NODE);
    site.awaitNodes(1);
    site.submit(JobSite.job("train", 2, "sleep 600"));
    site.awaitState("train", "running");
    SimulatedNode hardware = site.hardware(NODE);
    AgentProcess.soon()
        .until(() -> hardware.command("calls").contains("nvmlDeviceRegisterEvents=8"));
    AgentProcess.soon()
        .until(() -> accelerators().stream().filter(device -> device.has("job")).count() == 2);
    lost =
        accelerators().stream()
            .filter(device -> device.has("job"))
            .mapToInt(device -> device.get("accelerator").asInt())
            .min()
            .orElseThrow();
    assertThat(lost).isLessThan(HUNG);
    hardware.fault(lost, "xid 79");
    hardware.fault(HUNG, "hang");
    hardware.fault(DEGRADED, "xid 63");
    AgentProcess.within(Duration.ofSeconds(60))
        .ignoreExceptions()
        .untilAsserted(() ->
            assertThat(rules(rest()))
                .as(site.said())
                .contains(
                    lost + " xid-reboot",
                    lost + " device-lost",
                    HUNG + " device-stuck",
                    DEGRADED + " xid-remap"));
  }

  @AfterAll
  void close() {
    http.close();
    site.close();
  }

  // ---- who is asked

  private static Set<String> rules(Set<Said> all) {
    return all.stream()
        .map(one -> one.accelerator() + " " + one.rule())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private List<JsonNode> accelerators() throws Exception {
    return list(site.json("/v1/accelerators?node=" + NODE));
  }

  private static List<JsonNode> list(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).toList();
  }

  private static Set<Said> said(JsonNode evidence) {
    return list(evidence).stream().map(Said::of).collect(Collectors.toCollection(TreeSet::new));
  }

  private Set<Said> rest() throws Exception {
    return said(site.json("/v1/nodes/" + NODE).get("evidence"));
  }

  private HealthReport report() throws Exception {
    return HealthBody.of(ofAgent("/v1/health").getBytes(StandardCharsets.UTF_8));
  }

  private static Set<Said> said(HealthReport report) {
    Set<Said> all = new TreeSet<>();
    for (Judgement judgement : report.judgements()) {
      judgement.evidence().forEach(one -> all.add(Said.of(judgement.subject(), one)));
    }
    return all;
  }

  private String ofAgent(String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + site.pagePort(NODE) + path);
    HttpResponse<String> answer =
        http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(200);
    return answer.body();
  }

  private String address() {
    return "http://127.0.0.1:" + site.httpPort();
  }

  private Printed millwright(String... words) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "io.millwright.cli.Main"));
    command.addAll(Arrays.asList(words));
    command.addAll(List.of("--collector", address(), "--token-file", token.toString()));
    File out = Files.createTempFile(site.directory(), "out", "").toFile();
    Process process =
        new ProcessBuilder(command)
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true)
            .redirectOutput(out)
            .start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("it ends").isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Printed(process.exitValue(), Files.readString(out.toPath()));
  }

  /** What one asked, once nothing changed while it was asked: figures of what was observed move. */
  private interface Look<T> {
    T look() throws Exception;
  }

  private record Steady<T>(Set<Said> evidence, T seen) {}

  private <T> Steady<T> steady(Look<T> look) throws Exception {
    List<Steady<T>> found = new ArrayList<>();
    AgentProcess.within(Duration.ofSeconds(60))
        .until(() -> {
          Set<Said> before = rest();
          T seen = look.look();
          if (before.equals(rest())) {
            found.add(new Steady<>(before, seen));
          }
          return !found.isEmpty();
        });
    return found.getFirst();
  }

  // ---- what is said

  @Test
  void agentAndCollectorAndItsListsSayTheSame() throws Exception {
    Steady<HealthReport> agent = steady(this::report);
    assertThat(agent.evidence()).isEqualTo(said(agent.seen()));

    Steady<List<JsonNode>> devices = steady(this::accelerators);
    Set<Said> byDevice = new TreeSet<>();
    for (JsonNode device : devices.seen()) {
      byDevice.addAll(said(device.get("evidence")));
      String verdict = device.get("verdict").asText();
      assertThat(verdict).isEqualTo(wanted(device.get("accelerator").asInt()).word());
      assertThat(site.json("/v1/accelerators/" + device.get("uuid").asText()).get("verdict"))
          .isEqualTo(device.get("verdict"));
      assertThat(device.get("serial").asText()).isNotEmpty();
      assertThat(device.get("pci_bus_id").asText()).isNotEmpty();
    }
    assertThat(byDevice)
        .isEqualTo(
            devices.evidence().stream()
                .filter(one -> !one.accelerator().isEmpty())
                .collect(Collectors.toCollection(TreeSet::new)));
    assertThat(devices.evidence().stream().filter(one -> one.accelerator().equals("" + lost)))
        .allSatisfy(one -> assertThat(one.job()).isEqualTo("train-r1"));

    JsonNode fleet = site.json("/v1/fleet");
    assertThat(fleet.get("verdict").asText()).isEqualTo("failed");
    assertThat(fleet.get("accelerators_failed").asInt()).isEqualTo(1);
    assertThat(fleet.get("accelerators_unknown").asInt()).isEqualTo(1);
    assertThat(fleet.get("accelerators_degraded").asInt()).isEqualTo(1);
    for (JsonNode evidence : site.json("/v1/nodes/" + NODE).get("evidence")) {
      boolean fatal = evidence.get("verdict").asText().equals("failed");
      assertThat(evidence.has("runbook")).as(evidence.toString()).isEqualTo(fatal);
      if (fatal) {
        assertThat(site.get(evidence.get("runbook").asText()).body())
            .startsWith("# " + evidence.get("rule").asText() + "\n")
            .contains("- Advice: " + evidence.get("advice").asText() + ", of the ");
      }
    }
    assertThat(site.get("/runbooks/none.md").statusCode()).isEqualTo(404);
  }

  private Verdict wanted(int accelerator) {
    return switch (accelerator) {
      case HUNG -> Verdict.UNKNOWN;
      case DEGRADED -> Verdict.DEGRADED;
      default -> accelerator == lost ? Verdict.FAILED : Verdict.OK;
    };
  }

  @Test
  void pagesForPrometheusSayTheSame() throws Exception {
    String node = site.json("/v1/nodes/" + NODE).get("verdict").asText();
    assertThat(node).isEqualTo("failed");
    for (String page : List.of(ofAgent("/metrics"), site.get("/metrics/node/" + NODE).body())) {
      LivePage live = LivePage.of(page);
      for (int device = 0; device < DEVICES; device++) {
        for (Verdict verdict : Verdict.values()) {
          assertThat(live.device(device, "health_state", "state=\"" + verdict.word() + "\""))
              .as(device + " " + verdict)
              .isEqualTo(wanted(device) == verdict ? 1 : 0);
        }
      }
    }
    assertThat(site.get("/metrics").body())
        .containsPattern(
            "millwright_collector_nodes\\{verdict=\"failed\",link=\"connected\"\\} 1\n");
  }

  @Test
  void incidentsSayTheSame() throws Exception {
    AgentProcess.soon().until(() -> site.json("/v1/incidents?state=open&node=" + NODE).size() >= 3);
    Steady<List<JsonNode>> incidents = steady(this::incidents);
    for (JsonNode incident : incidents.seen()) {
      for (JsonNode told : incident.get("evidence")) {
        if (told.has("cleared_ms")) {
          continue;
        }
        Optional<Said> same =
            incidents.evidence().stream()
                .filter(one -> one.accelerator().equals(told.path("accelerator").asText("")))
                .filter(one -> one.rule().equals(told.get("rule").asText()))
                .findFirst();
        assertThat(same).as(told.toString()).isPresent();
        assertThat(told.get("verdict").asText()).isEqualTo(same.get().verdict());
        assertThat(told.get("advice").asText()).isEqualTo(same.get().advice());
        assertThat(told.get("version").asInt()).isEqualTo(same.get().version());
        assertThat(told.get("scope").asText()).isEqualTo(same.get().scope());
        assertThat(told.get("since_ms").asLong()).isEqualTo(same.get().sinceMs());
        assertThat(told.get("clears").asText()).isEqualTo(same.get().clears());
        assertThat(told.has("runbook")).isEqualTo(same.get().verdict().equals("failed"));
      }
      Steady<Printed> one = steady(() -> millwright("incidents", incident.get("id").asText()));
      String root = incident.at("/root/accelerator").asText();
      for (Said said : one.evidence()) {
        if (said.accelerator().equals(root) && !said.observeOnly()) {
          assertThat(one.seen().lines())
              .contains(
                  NODE + " " + said.subject() + "\t" + said.verdict(),
                  "rule\t" + said.rule() + " version " + said.version(),
                  "since\t" + said.since(),
                  "advice\t" + said.advice() + ", of the " + said.scope(),
                  "clears\t" + said.clears());
        }
      }
    }
    assertThat(
            incidents.seen().stream()
                .flatMap(one -> one.get("evidence").findValuesAsText("rule").stream()))
        .contains("xid-reboot", "device-stuck", "xid-remap");
  }

  private List<JsonNode> incidents() throws Exception {
    List<JsonNode> whole = new ArrayList<>();
    for (JsonNode one : site.json("/v1/incidents?state=open&node=" + NODE)) {
      whole.add(site.json("/v1/incidents/" + one.get("id").asText()));
    }
    return whole;
  }

  @Test
  void theCommandLineSaysTheSame() throws Exception {
    Steady<Printed> node = steady(() -> millwright("node", NODE, "-o", "json"));
    assertThat(said(node.seen().json().get("evidence"))).isEqualTo(node.evidence());

    Steady<Printed> text = steady(() -> millwright("node", NODE));
    assertThat(text.seen().lines()).contains("verdict\tfailed");
    for (Said one : text.evidence()) {
      assertThat(text.seen().lines())
          .contains(
              one.subject() + "\t" + one.verdict(),
              "observed\t" + one.observed(),
              "since\t" + one.since(),
              "advice\t" + one.advice() + ", of the " + one.scope(),
              "clears\t" + one.clears())
          .anyMatch(line -> line.startsWith("rule\t" + one.rule() + " version " + one.version()));
      if (one.verdict().equals("failed")) {
        assertThat(text.seen().lines())
            .contains("runbook\t" + address() + "/runbooks/" + one.rule() + ".md", "job\ttrain-r1");
      }
    }
    String serial = accelerators().get(lost).get("serial").asText();
    assertThat(text.seen().lines()).contains("serial\t" + serial);

    Steady<Printed> status = steady(() -> millwright("status"));
    assertThat(status.seen().code()).isEqualTo(11);
    assertThat(status.seen().lines()).contains("verdict\tfailed");
    Set<String> troubles =
        status.evidence().stream()
            .filter(one -> !one.observeOnly())
            .map(one ->
                "%s\t%s%s: %s: %s; advice: %s"
                    .formatted(
                        one.verdict(),
                        NODE,
                        one.accelerator().isEmpty() ? "" : " " + one.subject(),
                        one.rule(),
                        one.observed(),
                        one.advice()))
            .collect(Collectors.toSet());
    assertThat(
            status.seen().lines().stream()
                .filter(line -> line.matches("(failed|unknown|degraded)\t.*")))
        .isNotEmpty()
        .isSubsetOf(troubles);
    assertThat(millwright("status", "-o", "json").json().get("verdict").asText())
        .isEqualTo("failed");

    Printed accelerators = millwright("accelerators", "-o", "json");
    for (JsonNode device : accelerators.json().get("accelerators")) {
      assertThat(device.get("verdict").asText())
          .isEqualTo(wanted(device.get("accelerator").asInt()).word());
    }
    for (int device = 0; device < DEVICES; device++) {
      String verdict = wanted(device).word();
      String row = NODE + "\t" + device + "\t(up|down)\t" + verdict + "\t.*";
      assertThat(millwright("accelerators").lines()).as(row).anyMatch(line -> line.matches(row));
    }
  }

  @Test
  void theDoctorSaysTheSameWithTheFixBesideIt() throws Exception {
    Steady<Printed> doctor = steady(() -> millwright("doctor", "--node", NODE, "-o", "json"));
    assertThat(doctor.seen().code()).isEqualTo(11);
    List<JsonNode> verdicts =
        list(doctor.seen().json().get("checks")).stream()
            .filter(check -> check.get("check").asText().equals("verdict"))
            .toList();
    for (Said one : doctor.evidence()) {
      if (one.observeOnly()) {
        continue;
      }
      String found =
          "%s is %s by %s version %d since %s: %s"
              .formatted(
                  one.subject(),
                  one.verdict(),
                  one.rule(),
                  one.version(),
                  one.since(),
                  one.observed());
      JsonNode check =
          verdicts.stream()
              .filter(line -> line.get("found").asText().equals(found))
              .findFirst()
              .orElseThrow(() -> new AssertionError("no '" + found + "' in " + verdicts));
      assertThat(check.get("fix").asText())
          .startsWith(one.advice() + ", of the " + one.scope() + ": ")
          .contains("; clears: " + one.clears());
      assertThat(check.get("fix").asText().endsWith("; runbook: " + one.rule() + ".md"))
          .isEqualTo(one.verdict().equals("failed"));
    }
    Steady<Printed> text = steady(() -> millwright("doctor", "--node", NODE));
    for (Said one : text.evidence()) {
      if (!one.observeOnly()) {
        assertThat(text.seen().text()).contains(one.subject() + " is " + one.verdict() + " by ");
      }
    }
  }

  /** What a browser shows is made by the page's script from these answers alone. */
  @Test
  void theWebPageAsksForTheSame() throws Exception {
    String page = site.get("/").body();
    List<String> paths = ASKED.matcher(page).results().map(found -> found.group(1)).toList();
    assertThat(paths)
        .contains("/v1/fleet", "/v1/nodes", "/v1/accelerators", "/v1/incidents?state=open");
    for (String path : paths) {
      assertThat(site.get(path).statusCode()).as(path).isEqualTo(200);
    }
    Steady<JsonNode> nodes = steady(() -> site.json("/v1/nodes"));
    assertThat(said(nodes.seen().get(0).get("evidence"))).isEqualTo(nodes.evidence());
    for (String field :
        List.of(
            "verdict",
            "rule",
            "version",
            "observed",
            "since_ms",
            "advice",
            "scope",
            "clears",
            "job",
            "runbook")) {
      assertThat(page).as(field).containsPattern("\\b(e|evidence)\\." + field + "\\b");
    }
  }
}
