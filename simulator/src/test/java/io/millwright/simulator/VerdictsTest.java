package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.millwright.protocol.bodies.HealthBody;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** A verdict on its way: from the simulated library to the agent's port and to the collector. */
class VerdictsTest {

  @Test
  void aFaultIsAVerdictHereAndThereAndNamesTheJob() throws Exception {
    try (JobSite site = JobSite.of("node1")) {
      site.startAgent("node1");
      site.awaitNodes(1);
      AgentProcess.soon().until(() -> accelerator(site, 0).get("verdict").asText().equals("ok"));
      site.submit(JobSite.job("train", 2, "sleep 600"));
      site.awaitState("train", "running");
      AgentProcess.soon().until(() -> health(site).judgements().size() == 9);
      assertThat(health(site).verdict()).isNotEqualTo(Verdict.FAILED);

      AgentProcess.soon()
          .until(
              () -> site.hardware("node1").command("calls").contains("nvmlDeviceRegisterEvents=8"));
      site.hardware("node1").fault(1, "xid 119");
      AgentProcess.soon()
          .until(() -> accelerator(site, 1).get("verdict").asText().equals("failed"));
      AgentProcess.soon() // the driver's advice is read every 5 s
          .until(() -> accelerator(site, 1).toString().contains("recovery-reset"));
      assertThat(accelerator(site, 0).get("verdict").asText()).isEqualTo("ok");
      JsonNode evidence = accelerator(site, 1).get("evidence");
      assertThat(evidence.findValuesAsText("rule")).contains("xid-reset", "recovery-reset");
      assertThat(evidence.findValuesAsText("job")).contains("train-r1");
      assertThat(health(site).verdict()).isEqualTo(Verdict.FAILED);
      assertThat(page(site, "/metrics"))
          .contains("state=\"failed\"} 1")
          .containsPattern("error_events_total\\{.*code=\"119\",severity=\"fatal\"\\} 1");

      site.killAgent("node1");
      site.startAgent("node1");
      AgentProcess.soon().until(() -> health(site).judgements().size() == 9);
      assertThat(page(site, "/metrics"))
          .as("counted once by driver and kernel log, and kept over the agent's death")
          .containsPattern("error_events_total\\{.*code=\"119\",severity=\"fatal\"\\} 1");
    }
  }

  private static JsonNode accelerator(JobSite site, int index) throws Exception {
    JsonNode all = site.json("/v1/accelerators");
    for (JsonNode one : all) {
      if (one.get("accelerator").asText().equals("" + index)) {
        return one;
      }
    }
    throw new AssertionError("no accelerator " + index + " in " + all);
  }

  private static HealthReport health(JobSite site) throws Exception {
    return HealthBody.of(page(site, "/v1/health").getBytes(StandardCharsets.UTF_8));
  }

  private static String page(JobSite site, String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + site.pagePort("node1") + path);
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(200);
      return answer.body();
    }
  }
}
