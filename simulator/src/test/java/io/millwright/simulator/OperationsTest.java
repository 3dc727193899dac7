package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/**
 * What people and policy do about nodes, from REST to the processes of jobs and over a collector
 * that is killed. The accelerators are simulated.
 */
class OperationsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static JsonNode post(JobSite site, String path, String body, int status)
      throws Exception {
    HttpResponse<String> answer = site.post(path, body, JobSite.OPERATOR);
    assertThat(answer.statusCode()).as(path + " " + answer.body()).isEqualTo(status);
    return JSON.readTree(answer.body());
  }

  private static JsonNode duty(JobSite site, String node) throws Exception {
    return site.json("/v1/nodes/" + node).get("duty");
  }

  private static void awaitDuty(JobSite site, String node, String state) {
    AgentProcess.soon()
        .ignoreExceptions()
        .untilAsserted(() ->
            assertThat(duty(site, node).get("state").asText()).as(site.said()).isEqualTo(state));
  }

  /** Why a job of one device has no place on a node. */
  private static String refusal(JobSite site, String node, String more) throws Exception {
    String job = JobSite.job("probe", 1, "true").replaceFirst("\\{", "{" + more);
    HttpResponse<String> answer = site.post("/v1/placements/explain", job);
    return StreamSupport.stream(JSON.readTree(answer.body()).get("refusals").spliterator(), false)
        .filter(refusal -> refusal.get("node").asText().equals(node))
        .map(refusal -> refusal.get("reason").asText())
        .findFirst()
        .orElse("");
  }

  private static void killAndStart(JobSite site, int nodes) throws Exception {
    site.killCollector();
    site.startCollector();
    site.awaitNodes(nodes);
  }

  @Test
  void peopleTakeNodesFromWorkAndPutThemBackOverAKilledCollector() throws Exception {
    try (JobSite site = JobSite.of("node1", "node2")) {
      site.startAgent("node1");
      site.startAgent("node2");
      site.awaitNodes(2);
      site.submit(JobSite.job("long", 8, "sleep 600"));
      JsonNode running = site.awaitState("long", "running");
      String busy = running.get("nodes").get(0).asText();
      String other = busy.equals("node1") ? "node2" : "node1";

      // a cordon: what runs goes on, what is new goes elsewhere
      assertThat(
              site.post("/v1/nodes/" + busy + "/cordon", "{\"reason\":\"x\"}", "no").statusCode())
          .isEqualTo(401);
      JsonNode cordoned =
          post(site, "/v1/nodes/" + busy + "/cordon", "{\"reason\":\"new pumps\"}", 200);
      assertThat(cordoned.get("state").asText()).isEqualTo("cordoned");
      assertThat(refusal(site, busy, "\"nodes\":2,")).isEqualTo("cordoned: anna, new pumps");
      site.submit(JobSite.job("short", 1, "true"));
      assertThat(site.awaitState("short", "ended").get("nodes").get(0).asText()).isEqualTo(other);
      assertThat(site.json("/v1/jobs/long").get("state").asText()).isEqualTo("running");

      // maintenance: no job that could overrun its start, none during it
      long now = System.currentTimeMillis();
      String planned =
          "{\"node\":\"%s\",\"reason\":\"disks\",\"start_ms\":%d,\"end_ms\":%d}"
              .formatted(other, now + 3_600_000, now + 7_200_000);
      String id = post(site, "/v1/maintenance", planned, 201).get("id").asText();
      assertThat(refusal(site, other, "\"nodes\":2,\"time_limit_ms\":7200000,"))
          .contains("maintenance " + id)
          .contains("the job may take 2 h");
      assertThat(refusal(site, other, "\"nodes\":2,")).contains("the job has no time limit");
      assertThat(refusal(site, other, "\"nodes\":2,\"time_limit_ms\":60000,"))
          .startsWith("fits, but");
      post(site, "/v1/maintenance/" + id + "/end", "{\"reason\":\"later\"}", 200);
      String hold =
          "{\"node\":\"%s\",\"reason\":\"disks\",\"end_ms\":%d}".formatted(other, now + 7_200_000);
      id = post(site, "/v1/maintenance", hold, 201).get("id").asText();
      site.submit(JobSite.job("later", 1, "true"));
      AgentProcess.soon()
          .untilAsserted(() ->
              assertThat(site.json("/v1/jobs/later").path("waiting").asText())
                  .contains(other + ": cordoned: maintenance, maintenance"));

      // a drain with a deadline ends what is left
      JsonNode draining =
          post(
              site,
              "/v1/nodes/" + busy + "/drain",
              "{\"reason\":\"pumps come\",\"within_ms\":1500}",
              200);
      assertThat(draining.get("state").asText()).isEqualTo("draining");
      assertThat(site.awaitState("long", "ended").get("outcome").asText())
          .isEqualTo("stopped-by-request");
      awaitDuty(site, busy, "drained");

      killAndStart(site, 2);
      awaitDuty(site, busy, "drained");
      AgentProcess.soon().until(() -> duty(site, other).at("/maintenance/open").asBoolean());
      site.awaitMetrics(
          "millwright_node_cordoned{node=\"%s\"} 1".formatted(busy),
          "millwright_node_drain_state{node=\"%s\",state=\"drained\"} 1".formatted(busy),
          "millwright_node_schedulable{node=\"%s\"} 0".formatted(other),
          "millwright_collector_maintenance_windows{phase=\"open\"} 1");
      post(site, "/v1/maintenance/" + id + "/end", "{\"reason\":\"done\"}", 200);
      assertThat(site.awaitState("later", "ended").get("nodes").get(0).asText()).isEqualTo(other);
      post(site, "/v1/nodes/" + busy + "/uncordon", "{\"reason\":\"done\"}", 200);
      assertThat(refusal(site, busy, "\"nodes\":3,")).startsWith("fits, but");

      JsonNode audit = site.json("/v1/audit");
      assertThat(StreamSupport.stream(audit.spliterator(), false).map(e -> e.get("what").asText()))
          .containsExactly(
              "job.submit",
              "node.cordon",
              "job.submit",
              "maintenance.add",
              "maintenance.end",
              "maintenance.add",
              "job.submit",
              "node.drain",
              "run.stop",
              "maintenance.end",
              "node.uncordon");
      assertThat(audit.get(7).get("by").asText()).isEqualTo("anna");
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
  void policySaysWhatItWouldDoAndDoesItOnceTheSiteTurnsItOn() throws Exception {
    try (JobSite site = JobSite.of("node1")) {
      Path policy = site.directory().resolve("remediation.yaml");
      Files.writeString(policy, "settle: 1s\nclear: 1s\n");
      site.killCollector();
      site.collect("--policy", policy.toString());
      site.startCollector();
      site.startAgent("node1");
      site.awaitNodes(1);
      AgentProcess.soon()
          .until(() ->
              site.hardware("node1")
                  .command("calls")
                  .toString()
                  .contains("nvmlDeviceRegisterEvents=8"));
      site.hardware("node1").fault(1, "xid 79");

      AgentProcess.soon()
          .ignoreExceptions()
          .untilAsserted(
              () -> assertThat(act(site).get("stage").asText()).as(site.said()).isEqualTo("done"));
      JsonNode would = act(site);
      assertThat(would.get("rule").asText()).isEqualTo("xid-reboot");
      assertThat(would.get("action").asText()).isEqualTo("reboot-request");
      assertThat(would.get("dry_run").asBoolean()).isTrue();
      assertThat(duty(site, "node1").get("state").asText()).isEqualTo("in-service");
      site.awaitMetrics(
          "millwright_remediations_total{action=\"reboot-node\",result=\"dry-run\"} 1",
          "rule=\"xid-reboot\",action=\"reboot-request\",result=\"dry-run\"} 1");

      Files.writeString(policy, "rules: {xid-reboot: {mode: act, action: explode}}\n");
      AgentProcess.soon()
          .until(() -> site.json("/v1/policy").path("trouble").asText().contains("explode"));
      Files.writeString(
          policy, "rules: {xid-reboot: {mode: act, action: cordon}}\nsettle: 1s\nclear: 1s\n");
      AgentProcess.soon()
          .ignoreExceptions()
          .untilAsserted(() ->
              assertThat(duty(site, "node1").get("state").asText())
                  .as(site.said())
                  .isEqualTo("cordoned"));
      assertThat(refusal(site, "node1", "")).startsWith("cordoned: policy, cordon for xid-reboot");

      site.killCollector();
      site.startCollector();
      site.awaitCollector();
      assertThat(site.json("/v1/acts").get(0).get("stage").asText()).isEqualTo("done");
      AgentProcess.soon()
          .ignoreExceptions()
          .until(() -> duty(site, "node1").get("state").asText().equals("cordoned"));
      post(site, "/v1/nodes/node1/uncordon", "{\"reason\":\"a false alarm\"}", 200);
      assertThat(act(site).get("stage").asText()).isEqualTo("overruled");
      assertThat(duty(site, "node1").get("state").asText()).isEqualTo("in-service");
    }
  }

  /** The newest of this rule. */
  private static JsonNode act(JobSite site) throws Exception {
    return StreamSupport.stream(site.json("/v1/acts").spliterator(), false)
        .filter(act -> act.get("rule").asText().equals("xid-reboot"))
        .findFirst()
        .orElseThrow();
  }
}
