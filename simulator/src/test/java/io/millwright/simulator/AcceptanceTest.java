package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/**
 * A node whose equipment changes, from the library's calls to the queue of jobs, over a collector
 * that is killed. The accelerators are simulated.
 */
class AcceptanceTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ACCEPTANCE = "/v1/nodes/n1/acceptance";

  /** What a job of one device is told of the node. */
  private static String refusal(JobSite site) throws Exception {
    HttpResponse<String> answer =
        site.post("/v1/placements/explain", JobSite.job("probe", 1, "true"));
    JsonNode refusals = JSON.readTree(answer.body()).path("refusals");
    return StreamSupport.stream(refusals.spliterator(), false)
        .map(refusal -> refusal.get("reason").asText())
        .findFirst()
        .orElse("");
  }

  private static void awaitState(JobSite site, String state) {
    AgentProcess.within(Duration.ofSeconds(90))
        .ignoreExceptions()
        .untilAsserted(() ->
            assertThat(site.json(ACCEPTANCE).path("state").asText())
                .as(site.json(ACCEPTANCE) + site.said())
                .isEqualTo(state));
  }

  /** A collector that has just begun waits first for what the node says of its jobs. */
  private static void awaitRefusal(JobSite site, String words) {
    AgentProcess.soon()
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(refusal(site)).contains(words));
  }

  private static void test(JobSite site) throws Exception {
    HttpResponse<String> begun =
        site.post("/v1/nodes/n1/evidence", "{\"test\":\"burn-in\"}", JobSite.OPERATOR);
    assertThat(begun.statusCode()).as(begun.body()).isEqualTo(202);
  }

  private static void exchange(JobSite site, String what) throws Exception {
    site.hardware("n1").command("set 3 " + what);
    site.hardware("n1").fault(3, "reset");
  }

  private static JobSite site(String policy) throws Exception {
    JobSite site = JobSite.of("n1");
    Path file = site.directory().resolve("remediation.yaml");
    Files.writeString(file, policy);
    site.killCollector();
    site.collect("--policy", file.toString());
    site.startCollector();
    site.set(
        "evidence.directory=" + site.directory().resolve("evidence"),
        "evidence.tests=burn-in 20s /bin/echo all is fine");
    site.startAgent("n1");
    site.awaitNodes(1);
    return site;
  }

  @Test
  void anExchangedDeviceKeepsNewJobsAwayUntilTheTestHasPassed() throws Exception {
    try (JobSite site = site("acceptance: {mode: act, test: burn-in}\n")) {
      awaitState(site, "new");
      assertThat(refusal(site)).isEqualTo("not accepted (new): it was never accepted");
      test(site);
      awaitState(site, "accepted");
      site.submit(JobSite.job("long", 1, "sleep 600"));
      site.awaitState("long", "running");

      exchange(site, "serial_number 1659999999999");
      awaitState(site, "unaccepted");
      awaitRefusal(site, "not accepted (unaccepted): changed since it was accepted: ");
      awaitRefusal(site, "serial 1659999999999 came");
      assertThat(site.json("/v1/jobs/long").path("state").asText())
          .as("what runs goes on")
          .isEqualTo("running");
      site.awaitMetrics(
          "millwright_node_acceptance_state{node=\"n1\",state=\"unaccepted\"} 1",
          "millwright_node_schedulable{node=\"n1\"} 0");
      JsonNode duty = site.json("/v1/nodes/n1").path("duty");
      assertThat(duty.path("state").asText()).isEqualTo("withheld");
      assertThat(duty.at("/reasons/0/kind").asText()).isEqualTo("acceptance");

      site.killCollector();
      site.startCollector();
      site.awaitNodes(1);
      awaitState(site, "unaccepted");
      awaitRefusal(site, "serial 1659999999999 came");
      assertThat(site.post("/v1/jobs/long/cancel", "").statusCode()).isLessThan(300);
      site.awaitState("long", "ended");
      AgentProcess.within(Duration.ofSeconds(60)) // the node may hold the job's device for a moment
          .pollInterval(Duration.ofSeconds(3))
          .ignoreExceptions()
          .until(() -> {
            if (site.json(ACCEPTANCE).path("state").asText().equals("unaccepted")) {
              test(site);
            }
            return site.json(ACCEPTANCE).path("state").asText().equals("accepted");
          });
      site.submit(JobSite.job("short", 8, "true"));
      site.awaitState("short", "ended");

      exchange(site, "vbios_revision 66");
      awaitState(site, "unaccepted");
      awaitRefusal(site, "vbios from 97.00.88.00.0F to 97.00.88.00.42");
      AgentProcess.soon()
          .untilAsserted(() -> {
            JsonNode found = site.json("/v1/drift").path("differences");
            assertThat(found).hasSize(1);
            assertThat(found.get(0).path("against").asText()).isEqualTo("fleet");
            assertThat(found.get(0).path("index").asText()).isEqualTo("3");
            assertThat(found.get(0).path("actual").asText()).isEqualTo("97.00.88.00.42");
            assertThat(found.get(0).path("wanted").asText()).isEqualTo("97.00.88.00.0F");
            assertThat(found.get(0).path("having").asInt()).isEqualTo(7);
          });
      site.awaitMetrics("millwright_node_firmware_drift{node=\"n1\",against=\"fleet\"} 1");
      HttpResponse<String> accepted =
          site.post("/v1/nodes/n1/accept", "{\"reason\":\"a planned update\"}", JobSite.OPERATOR);
      assertThat(accepted.statusCode()).as(accepted.body()).isEqualTo(200);
      awaitState(site, "accepted");
      assertThat(site.json(ACCEPTANCE).at("/pass/by").asText()).isEqualTo("anna");

      assertThat(
              StreamSupport.stream(site.json("/v1/audit").spliterator(), false)
                  .map(entry -> entry.get("what").asText())
                  .filter(what -> !what.equals("evidence.test")))
          .containsExactly(
              "node.accept",
              "job.submit",
              "node.equipment",
              "job.cancel",
              "node.accept",
              "job.submit",
              "node.equipment",
              "node.accept");
      assertThat(
              io.millwright.collector.Main.run(
                  "collector",
                  "verify-audit",
                  "--data",
                  site.directory().resolve("data").toString()))
          .isZero();
    }
  }

  @Test
  void aFreeNodeIsTestedByItselfAndADeviceThatIsAwayIsNoChange() throws Exception {
    try (JobSite site = site("acceptance: {mode: act, test: burn-in, begin: true}\n")) {
      awaitState(site, "accepted");
      site.hardware("n1").fault(5, "gone");
      AgentProcess.within(Duration.ofSeconds(60))
          .ignoreExceptions()
          .until(() -> site.json("/v1/fleet").path("accelerators_up").asInt() == 7);
      AgentProcess.soon() // the desk looks once a second
          .during(Duration.ofSeconds(5))
          .pollInterval(Duration.ofMillis(200))
          .untilAsserted(() -> {
            assertThat(site.json("/v1/fleet").path("accelerators_up").asInt()).isEqualTo(7);
            assertThat(site.json(ACCEPTANCE).path("state").asText()).isEqualTo("accepted");
            assertThat(site.json(ACCEPTANCE).path("devices")).hasSize(8);
          });
    }
  }

  /**
   * Nobody knows the product of the simulated machine, and the configuration says no number: what
   * was accepted does, and is known to an agent whose collector is off.
   */
  @Test
  void aDeviceThatIsAwayFromTheStartIsMissedByWhatWasAccepted() throws Exception {
    try (JobSite site = JobSite.of("n1")) {
      Path kept = site.directory().resolve("health-n1/accepted-inventory.json");
      Path rules = TunedRules.in(site.directory(), "accelerators-missing: {held: 3s}");
      site.set("health.rules=" + rules);
      site.startAgent("n1");
      site.awaitNodes(1);
      awaitState(site, "new");
      assertThat(kept).as("nothing was ever accepted").doesNotExist();
      HttpResponse<String> accepted =
          site.post(
              "/v1/nodes/n1/accept", "{\"reason\":\"as it was delivered\"}", JobSite.OPERATOR);
      assertThat(accepted.statusCode()).as(accepted.body()).isEqualTo(200);
      AgentProcess.soon().until(() -> Files.exists(kept));
      assertThat(JSON.readTree(kept.toFile()).path("devices")).hasSize(8);

      site.killAgent("n1");
      site.killCollector();
      Files.writeString(
          site.hardware("n1").library().resolveSibling("scenario.conf"),
          "fault 5 gone\n",
          StandardOpenOption.APPEND);
      site.startAgent("n1");
      AgentProcess.within(Duration.ofSeconds(60))
          .ignoreExceptions()
          .untilAsserted(() ->
              assertThat(page(site))
                  .contains(
                      "millwright_node_accelerators_expected{node=\"n1\",vendor=\"nvidia\"} 8"));
      site.startCollector();
      AgentProcess.within(Duration.ofMinutes(2))
          .ignoreExceptions()
          .untilAsserted(() -> {
            JsonNode node = site.json("/v1/nodes/n1");
            assertThat(node.path("evidence").toString())
                .as(site.said())
                .contains("accelerators-missing", "7 of 8 accelerators are there");
            assertThat(node.path("verdict").asText()).isEqualTo("failed");
          });

      HttpResponse<String> fewer =
          site.post("/v1/nodes/n1/accept", "{\"reason\":\"one was sent back\"}", JobSite.OPERATOR);
      assertThat(fewer.statusCode()).as(fewer.body()).isEqualTo(200);
      AgentProcess.within(Duration.ofSeconds(60))
          .ignoreExceptions()
          .untilAsserted(() ->
              assertThat(site.json("/v1/nodes/n1").path("evidence").toString())
                  .as(site.said())
                  .doesNotContain("accelerators-missing"));
      assertThat(JSON.readTree(kept.toFile()).path("devices")).hasSize(7);
    }
  }

  private static String page(JobSite site) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + site.pagePort("n1") + "/metrics"))
            .timeout(Duration.ofSeconds(10))
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
  }
}
