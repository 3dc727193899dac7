package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * Jobs on MIG instances from REST to a process and back, every part a process of its own. The
 * library is the simulated one, and plain processes hold no instance apart.
 */
class InstanceJobsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static String job(String name, int count, String profile, String script)
      throws Exception {
    JsonNode job = JSON.readTree(JobSite.job(name, count, script));
    ((com.fasterxml.jackson.databind.node.ObjectNode) job.get("devices")).put("mig", profile);
    return job.toString();
  }

  /** Device 1 has two small instances and a large one, and 7 whole devices are beside it. */
  @Test
  void aJobGetsTheSmallestInstancesThatServe() throws Exception {
    try (JobSite site = JobSite.of("node1")) {
      site.startAgent(
          "node1",
          "set 1 mig_mode 1",
          "mig 1 create 3g.90gb 4",
          "mig 1 create 1g.23gb 0",
          "mig 1 create 1g.23gb 1");
      site.awaitNodes(1);
      AgentProcess.soon()
          .ignoreExceptions()
          .until(() -> site.explain(job("any", 3, "1g.23gb", "true")).get("placed").asBoolean());

      Path go = site.open().resolve("go");
      String waits =
          "echo $CUDA_VISIBLE_DEVICES; while [ ! -e %s ]; do sleep 0.1; done".formatted(go);
      site.submit(job("small", 2, "1g.23gb", waits));
      JsonNode small = site.awaitState("small", "running");
      String first = small.get("devices").get(0).asText();
      String second = small.get("devices").get(1).asText();
      assertThat(first).startsWith("MIG-");
      assertThat(second).startsWith("MIG-").isNotEqualTo(first);

      site.submit(job("large", 1, "1g.23gb", "echo $CUDA_VISIBLE_DEVICES"));
      JsonNode large = site.awaitState("large", "ended");
      assertThat(large.get("outcome").asText()).as(large.toString()).isEqualTo("completed");
      String third = large.get("devices").get(0).asText();
      assertThat(third).startsWith("MIG-").isNotIn(first, second);
      assertThat(site.get("/v1/jobs/large/logs").body()).isEqualTo(third + "\n");

      JsonNode more = site.explain(job("more", 2, "1g.23gb", "true"));
      assertThat(more.at("/refusals/0/reason").asText())
          .isEqualTo("3 MIG instances of 1g.23gb or more, 1 free, 2 wanted");
      assertThat(site.explain(JobSite.job("whole", 8, "true")).at("/refusals/0/reason").asText())
          .contains("8 accelerators, 7 free, 8 wanted; 1 is unfit (divided (MIG)");
      assertThat(site.post("/v1/jobs", job("huge", 1, "7g.180gb", "true")).body())
          .contains("devices.count: '1' is refused; allowed are up to 0, the most MIG 7g.180gb");

      Files.createFile(go);
      JsonNode ended = site.awaitState("small", "ended");
      assertThat(ended.get("outcome").asText()).isEqualTo("completed");
      assertThat(site.get("/v1/jobs/small/logs").body())
          .isEqualTo("%s,%s\n".formatted(first, second));
      assertThat(ended.has("joules")).as("the counter is the device's").isFalse();
    }
  }
}
