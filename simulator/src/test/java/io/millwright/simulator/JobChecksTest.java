package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Checks around jobs, and tests of the site, from REST to a simulated device and back. */
class JobChecksTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static String checked(String name, int devices, String script, String checks) {
    return JobSite.job(name, devices, script).replaceFirst("\\{", "{\"checks\":" + checks + ",");
  }

  private static List<String> results(JsonNode run) {
    List<String> results = new ArrayList<>();
    run.path("members")
        .path(0)
        .path("checks")
        .forEach(one ->
            results.add(
                "%s %s %s"
                    .formatted(
                        one.path("moment").asText(),
                        one.path("check").asText(),
                        one.path("result").asText())));
    return results;
  }

  private static JobSite site(String tests) throws IOException {
    JobSite site = JobSite.of("n1");
    site.set(
        "evidence.directory=" + site.directory().resolve("evidence"),
        "sampling.fast=200ms",
        "sampling.medium=500ms",
        "sampling.slow=1s",
        "evidence.tests=" + tests);
    site.startAgent("n1");
    site.awaitCollector();
    site.awaitNodes(1);
    return site;
  }

  private static String page(JobSite site) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:%d/metrics".formatted(site.pagePort("n1"))))
                  .build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }

  private static void awaitPage(JobSite site, String line) {
    AgentProcess.within(Duration.ofSeconds(60))
        .ignoreExceptions()
        .until(() -> page(site).contains(line));
  }

  @Test
  void whatPassesIsRunAndWhatFailsBeforeIsRefusedWithItsSentence() throws Exception {
    try (JobSite site = site("good 20s /bin/true")) {
      site.submit(
          checked(
              "fine",
              2,
              "exit 7",
              "{\"before\":[\"devices\",\"links\",\"pcie\",\"test:good\"],\"after\":[\"memory\"]}"));
      JsonNode fine = site.awaitState("fine", "ended");
      assertThat(fine.path("outcome").asText()).as(fine + site.said()).isEqualTo("exit(7)");
      assertThat(results(fine))
          .containsExactly(
              "before devices passed",
              "before links passed",
              "before pcie passed",
              "before test:good passed",
              "after memory passed");

      for (int device = 0; device < 8; device++) {
        site.hardware("n1").fault(device, "link 3 down");
      }
      Path never = site.open().resolve("never");
      site.submit(
          checked("sick", 1, "touch " + never, "{\"before\":[\"links\"],\"deadline_ms\":30000}"));
      JsonNode sick = site.awaitState("sick", "ended");
      assertThat(sick.path("outcome").asText())
          .as(sick + site.said())
          .startsWith("prepare-failed")
          .contains("check links failed: accelerator")
          .contains("of 18 nvlink up");
      assertThat(results(sick)).containsExactly("before links failed");
      assertThat(never).doesNotExist();
    }
  }

  @Test
  void whatFailsAfterMarksTheDeviceUntilItPassesAndOutlivesTheAgent() throws Exception {
    try (JobSite site = site("good 20s /bin/true")) {
      Path go = site.open().resolve("go");
      site.submit(
          checked(
              "breaks",
              8,
              "while [ ! -e %s ]; do sleep 0.1; done".formatted(go),
              "{\"after\":[\"links\"]}"));
      site.awaitState("breaks", "running");
      site.hardware("n1").fault(2, "link 3 down");
      Files.createFile(go);
      JsonNode ended = site.awaitState("breaks", "ended");
      assertThat(ended.path("outcome").asText()).isEqualTo("completed");
      assertThat(results(ended)).containsExactly("after links failed");
      awaitPage(site, "check=\"links\"} 1");

      site.killAgent("n1");
      site.startAgent("n1");
      site.awaitNodes(1);
      awaitPage(site, "check=\"links\"} 1");
      site.hardware("n1").fault(2, "link 3 up");
      site.submit(checked("again", 8, "true", "{\"after\":[\"links\"]}"));
      assertThat(results(site.awaitState("again", "ended"))).containsExactly("after links passed");
      awaitPage(site, "check=\"links\"} 0");
    }
  }

  @Test
  void aDeviceThatHangsIsUnknownByTheDeadlineAndTheRunIsRefused() throws Exception {
    try (JobSite site = site("slow 20s /bin/sleep 10")) {
      site.submit(
          checked(
              "hangs",
              1,
              "true",
              "{\"before\":[\"test:slow\",\"devices\"],\"deadline_ms\":20000}"));
      site.awaitState("hangs", "preparing");
      for (int device = 0; device < 8; device++) {
        site.hardware("n1").fault(device, "hang");
      }
      JsonNode ended = site.awaitState("hangs", "ended");
      assertThat(ended.path("outcome").asText())
          .as(ended + site.said())
          .startsWith("prepare-failed")
          .contains("check devices unknown: accelerator")
          .contains("gave no new reading in time");
      assertThat(results(ended))
          .containsExactly("before test:slow passed", "before devices unknown");
    }
  }

  @Test
  void aTestOfTheSiteWaitsForAFreeNodeAndItsFailureIsAVerdict() throws Exception {
    Path verdict = Files.createTempFile("mw-verdict", "");
    try (JobSite site = site("diag:failed 20s /bin/sh " + verdict)) {
      site.submit(JobSite.job("busy", 1, "sleep 600"));
      site.awaitState("busy", "running");
      assertThat(tested(site, "{\"test\":\"diag\"}").path("why").asText())
          .isEqualTo(
              "node n1 is in service with 1 runs: drain it first, or consent with in_service");
      assertThat(tested(site, "{\"test\":\"diag\",\"in_service\":true}").path("why").asText())
          .contains("a test would disturb busy-r1");
      assertThat(site.post("/v1/jobs/busy/cancel", "").statusCode()).isEqualTo(202);
      site.awaitState("busy", "ended");

      Files.writeString(verdict, "exit 1");
      assertThat(tested(site, "{\"test\":\"diag\"}").path("test").path("result").asText())
          .isEqualTo("fail");
      awaitPage(site, "test=\"diag\",counts=\"failed\"} 1");
      awaitVerdict(site, "failed");
      Files.writeString(verdict, "exit 0");
      tested(site, "{\"test\":\"diag\"}");
      awaitVerdict(site, "ok");
    } finally {
      Files.delete(verdict);
    }
  }

  private static void awaitVerdict(JobSite site, String wanted) {
    AgentProcess.within(Duration.ofSeconds(60))
        .ignoreExceptions()
        .until(() -> {
          JsonNode node = site.json("/v1/nodes/n1");
          boolean speaks = node.path("evidence").toString().contains("site-test-failed");
          return node.path("verdict").asText().equals(wanted) && speaks == wanted.equals("failed");
        });
  }

  private static JsonNode tested(JobSite site, String wish) throws Exception {
    HttpResponse<String> begun = site.post("/v1/nodes/n1/evidence", wish);
    assertThat(begun.statusCode()).as(begun.body()).isEqualTo(202);
    String order = JSON.readTree(begun.body()).path("order").asText();
    JsonNode[] found = {JSON.createObjectNode()};
    AgentProcess.within(Duration.ofSeconds(60))
        .ignoreExceptions()
        .until(() -> {
          for (JsonNode one : site.json("/v1/nodes/n1/evidence")) {
            if (one.path("order").asText().equals(order)) {
              found[0] = one;
            }
          }
          return found[0].has("state") && !found[0].path("state").asText().equals("asked");
        });
    return found[0];
  }
}
