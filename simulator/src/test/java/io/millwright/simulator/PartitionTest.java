package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Partitions between one collector and three nodes, each in a network namespace of its own: real
 * agents, real connections of TLS, real processes as jobs, simulated accelerators. A cut is silent,
 * as that of a switch.
 */
class PartitionTest {
  /** The silence after which an end closes, and some of the time in which an agent comes back. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @BeforeEach
  void longSuite() {
    assumeTrue(System.getProperty("long", "").equals("yes"), "with ./millwright test --long only");
  }

  private static void start(JobSite site, String... nodes) throws IOException {
    for (String node : nodes) {
      site.startAgent(node);
    }
    site.awaitNodes(nodes.length);
  }

  /** A job of a whole node, which says that it began, and ends with 7 once its file is there. */
  private static String job(JobSite site, String name) {
    return JobSite.job(
        name,
        8,
        "echo $$ >>%1$s.began; while [ ! -e %1$s.go ]; do sleep 0.1; done; exit 7"
            .formatted(site.open().resolve(name)));
  }

  /** Begins it, and tells on which node. */
  private static String running(JobSite site, String job, String name) throws Exception {
    site.submit(job);
    JsonNode running = site.awaitState(name, "running");
    awaitBegan(site, name);
    return running.get("nodes").get(0).asText();
  }

  private static List<String> began(JobSite site, String name) throws IOException {
    return Files.readAllLines(site.open().resolve(name + ".began"));
  }

  private static void awaitLink(JobSite site, String node, String state) {
    AgentProcess.within(PATIENCE)
        .ignoreExceptions()
        .untilAsserted(() ->
            assertThat(site.json("/v1/nodes/" + node).get("link").asText())
                .as(node + "\n" + site.said())
                .isEqualTo(state));
  }

  private static void awaitBegan(JobSite site, String name) {
    AgentProcess.soon().until(() -> Files.exists(site.open().resolve(name + ".began")));
  }

  private static boolean alive(String pid) {
    return ProcessHandle.of(Long.parseLong(pid)).isPresent();
  }

  /**
   * Cut off, deaf and mute at once: each job begins once and goes on, what ends and what is stopped
   * meanwhile is known after it, and the node that nobody hears is given nothing.
   */
  @Test
  void jobsOutliveEveryKindOfPartition() throws Exception {
    try (Network network = Network.of("node1", "node2", "node3");
        JobSite site = JobSite.over(network, "node1", "node2", "node3")) {
      start(site, "node1", "node2", "node3");
      List<String> nodes = new ArrayList<>();
      for (String name : List.of("job1", "job2", "job3")) {
        nodes.add(running(site, job(site, name), name));
      }
      String third = began(site, "job3").getFirst();
      network.cut(nodes.get(0));
      network.deafen(nodes.get(1));
      network.mute(nodes.get(2));
      assertThat(site.post("/v1/jobs/job2/cancel", "").statusCode()).isEqualTo(202);
      Files.createFile(site.open().resolve("job1.go"));
      for (String node : nodes) {
        awaitLink(site, node, "lost");
      }
      String second = began(site, "job2").getFirst();
      assertThat(alive(second)).as("a stop that did not come").isTrue();
      assertThat(alive(third)).isTrue();
      for (int i = 1; i <= 3; i++) {
        assertThat(site.json("/v1/jobs/job" + i).get("state").asText()).isNotEqualTo("ended");
      }
      site.submit(job(site, "later"));
      assertThat(site.json("/v1/jobs/later").get("state").asText()).isEqualTo("queued");

      for (String node : nodes) {
        network.heal(node);
      }
      for (String node : nodes) {
        awaitLink(site, node, "connected");
      }
      assertThat(site.awaitState("job1", "ended").get("outcome").asText()).isEqualTo("exit(7)");
      assertThat(site.awaitState("job2", "ended").get("outcome").asText())
          .isEqualTo("stopped-by-request");
      assertThat(site.json("/v1/jobs/job3").get("state").asText()).isEqualTo("running");
      assertThat(alive(third)).isTrue();
      site.awaitState("later", "running");
      for (String name : List.of("job1", "job2", "job3", "later")) {
        awaitBegan(site, name);
        assertThat(began(site, name)).as(name).hasSize(1);
      }
      for (String name : List.of("job3", "later")) {
        Files.createFile(site.open().resolve(name + ".go"));
        assertThat(site.awaitState(name, "ended").get("outcome").asText()).isEqualTo("exit(7)");
      }
    }
  }

  /** An agent that is killed and started while its node is cut off adopts its job. */
  @Test
  void anAgentThatStartsWithoutItsCollectorKeepsItsJob() throws Exception {
    try (Network network = Network.of("node1", "node2", "node3");
        JobSite site = JobSite.over(network, "node1", "node2", "node3")) {
      start(site, "node1", "node2", "node3");
      String node = running(site, job(site, "kept"), "kept");
      String pid = began(site, "kept").getFirst();
      network.cut(node);
      site.killAgent(node);
      site.startAgent(node);
      awaitLink(site, node, "lost");
      assertThat(alive(pid)).isTrue();
      network.heal(node);
      awaitLink(site, node, "connected");
      assertThat(site.json("/v1/jobs/kept").get("state").asText()).isEqualTo("running");
      assertThat(alive(pid)).isTrue();
      Files.createFile(site.open().resolve("kept.go"));
      assertThat(site.awaitState("kept", "ended").get("outcome").asText()).isEqualTo("exit(7)");
      assertThat(began(site, "kept")).containsExactly(pid);
    }
  }

  /**
   * The original of a job whose node a person declared lost goes on in its partition; its
   * replacement begins elsewhere; when the node is back the original is stopped, for a run that has
   * ended stays so, and the replacement goes on.
   */
  @Test
  void theReplacementStaysAndTheOriginalIsStoppedOnItsReturn() throws Exception {
    try (Network network = Network.of("node1", "node2", "node3");
        JobSite site = JobSite.over(network, "node1", "node2", "node3")) {
      start(site, "node1", "node2", "node3");
      String restarted =
          job(site, "train")
              .replaceFirst("\\{", "{\"restart\":{\"on\":[\"node-lost\"],\"backoff_ms\":500},");
      String node = running(site, restarted, "train");
      String original = began(site, "train").getFirst();
      HttpResponse<String> early =
          site.post("/v1/nodes/" + node + "/lost", "{\"reason\":\"test\"}");
      assertThat(early.statusCode()).as("while it is connected").isEqualTo(409);
      network.cut(node);
      awaitLink(site, node, "lost");
      HttpResponse<String> lost =
          site.post("/v1/nodes/" + node + "/lost", "{\"reason\":\"its switch is dead\"}");
      assertThat(lost.statusCode()).as(lost.body()).isEqualTo(200);
      AgentProcess.within(PATIENCE)
          .ignoreExceptions()
          .until(() ->
              site.json("/v1/jobs/train?run=2").get("state").asText().equals("running")
                  && began(site, "train").size() == 2);
      String replacement = began(site, "train").getLast();
      assertThat(site.json("/v1/jobs/train?run=2").get("nodes").get(0).asText()).isNotEqualTo(node);
      assertThat(site.json("/v1/jobs/train?run=1").get("outcome").asText()).isEqualTo("node-lost");
      assertThat(alive(original)).as("nobody can reach it").isTrue();

      network.heal(node);
      awaitLink(site, node, "connected");
      AgentProcess.within(PATIENCE).until(() -> !alive(original));
      assertThat(alive(replacement)).isTrue();
      assertThat(site.json("/v1/jobs/train?run=1").get("outcome").asText()).isEqualTo("node-lost");
      assertThat(site.json("/v1/jobs/train?run=2").get("state").asText()).isEqualTo("running");
      Files.createFile(site.open().resolve("train.go"));
      assertThat(site.awaitState("train", "ended").get("outcome").asText()).isEqualTo("exit(7)");
      assertThat(began(site, "train")).hasSize(2);
    }
  }
}
