package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;

/**
 * What a job of our own used, by the counters of simulated devices; its agent is killed in the
 * middle of it.
 */
class RunAccountsTest {
  @Test
  void aJobIsAccountedOverAKillOfItsAgent() throws Exception {
    try (JobSite site = JobSite.of("node1")) {
      site.startAgent("node1");
      site.awaitNodes(1);
      site.submit(JobSite.job("train", 2, "sleep 600"));
      JsonNode running = site.awaitState("train", "running");
      String device = running.get("devices").get(0).asText();
      int index = site.json("/v1/accelerators/" + device).get("accelerator").asInt();
      AgentProcess.soon()
          .until(() -> Files.exists(site.directory().resolve("health-node1/accounts/runs.json")));
      site.killAgent("node1");
      site.hardware("node1").fault(index, "xid 31"); // an error that its program made
      site.startAgent("node1");
      site.awaitNodes(1);
      site.hardware("node1").fault(index, "xid 31");
      AgentProcess.soon()
          .ignoreExceptions()
          .until(() -> site.json("/v1/events?kind=error-code").size() > 0);
      site.post("/v1/jobs/train/cancel", "{}");
      site.awaitState("train", "ended");
      try {
        AgentProcess.soon()
            .ignoreExceptions()
            .until(() -> site.json("/v1/usage?by=scheduler,user,job,node").size() == 1);
      } catch (ConditionTimeoutException never) {
        throw new AssertionError(site.said(), never);
      }
      JsonNode usage = site.json("/v1/usage?by=scheduler,user,job,node").get(0);
      assertThat(usage.path("scheduler").asText()).isEqualTo("millwright");
      assertThat(usage.path("user").asText()).isEqualTo(JobSite.user());
      assertThat(usage.path("job").asText()).isEqualTo("train");
      assertThat(usage.path("node").asText()).isEqualTo("node1");
      assertThat(usage.path("runs").asInt()).isEqualTo(1);
      assertThat(usage.path("device_seconds").asDouble()).isPositive();
      assertThat(usage.path("energy_scope").asText()).as(site.said()).isEqualTo("gpu");
      double watts =
          usage.path("joules").asDouble() / usage.path("joules_device_seconds").asDouble();
      assertThat(watts).as("watts of a simulated B200").isBetween(20.0, 1_500.0);
      assertThat(usage.path("errors").asLong()).isPositive();
    }
  }
}
