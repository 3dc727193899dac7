package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.awaitility.core.ConditionTimeoutException;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.Test;

/**
 * What a job of our own used, by the counters of simulated devices: collector, agent and job are
 * processes of their own.
 */
class RunAccountsTest {
  private static void await(JobSite site, ThrowingRunnable wanted) {
    try {
      AgentProcess.soon().ignoreExceptions().untilAsserted(wanted);
    } catch (ConditionTimeoutException never) {
      throw new AssertionError(site.said(), never);
    }
  }

  @Test
  void aJobIsAccountedByItsDevicesCountersWhereItMayRun() throws Exception {
    try (JobSite site = JobSite.of("node1", "node2")) {
      site.startAgent("node1");
      site.set("mode=assist");
      site.startAgent("node2");
      site.awaitNodes(2);
      assertThat(site.json("/v1/nodes").findValuesAsText("mode"))
          .containsExactlyInAnyOrder("execute", "assist");
      await(
          site,
          () ->
              assertThat(site.explain(JobSite.job("train", 2, "true")).toString())
                  .contains("its mode is assist, and no job of Millwright begins there"));

      site.submit(JobSite.job("train", 2, "sleep 600"));
      JsonNode running = site.awaitState("train", "running");
      assertThat(site.value("millwright_job_queue_wait_seconds_count{partition=\"default\"}"))
          .isEqualTo(1);
      String device = running.path("devices").get(0).asText();
      int index = site.json("/v1/accelerators/" + device).path("accelerator").asInt();
      for (int samples = 0; samples < 2; samples++) { // what was there before it began is not its
        String before = energy(site, device);
        await(site, () -> assertThat(energy(site, device)).isNotEqualTo(before));
      }
      site.hardware("node1").fault(index, "xid 31");
      await(site, () -> assertThat(site.json("/v1/events?kind=error-code")).isNotEmpty());
      await( // the event comes at once, the counter that the account reads with the next sample
          site,
          () ->
              assertThat(site.get("/metrics/node/node1").body().lines())
                  .anyMatch(line ->
                      line.startsWith("millwright_accelerator_error_events_total{")
                          && line.contains(device)
                          && !line.endsWith(" 0")));
      site.post("/v1/jobs/train/cancel", "{}");
      site.awaitState("train", "ended");

      await(site, () -> assertThat(site.json("/v1/usage?by=scheduler,user,job,node")).hasSize(1));
      JsonNode usage = site.json("/v1/usage?by=scheduler,user,job,node").get(0);
      assertThat(usage.path("scheduler").asText()).isEqualTo("millwright");
      assertThat(usage.path("user").asText()).isEqualTo(JobSite.user());
      assertThat(usage.path("job").asText()).isEqualTo("train");
      assertThat(usage.path("node").asText()).isEqualTo("node1");
      assertThat(usage.path("runs").asInt()).isEqualTo(1);
      assertThat(usage.path("errors").asLong()).isPositive();
      double seconds = usage.path("device_seconds").asDouble();
      assertThat(seconds).isPositive();
      assertThat(usage.path("energy_scope").asText()).as(usage.toString()).isEqualTo("gpu");
      assertThat(usage.path("joules_device_seconds").asDouble()).isEqualTo(seconds);
      assertThat(usage.path("joules").asDouble() / seconds)
          .as("watts of a simulated B200, by its counter")
          .isBetween(20.0, 1_500.0);
      assertThat(usage.path("mean_watts").asDouble()).as("by samples").isBetween(20.0, 1_500.0);
      assertThat(usage.path("peak_watts").asDouble())
          .isGreaterThanOrEqualTo(usage.path("mean_watts").asDouble());
      assertThat(usage.path("peak_memory_bytes").asDouble()).isPositive();
    }
  }

  private static String energy(JobSite site, String device) throws Exception {
    return site.get("/metrics/node/node1")
        .body()
        .lines()
        .filter(line ->
            line.startsWith("millwright_accelerator_energy_joules_total{") && line.contains(device))
        .findFirst()
        .orElse("");
  }
}
