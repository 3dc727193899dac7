package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Jobs on Neuron devices from REST to a process and back, every part a process of its own. The
 * driver is a tree that is written here, with invented serial numbers: no device takes part, and
 * plain processes hold none apart.
 */
class NeuronJobsTest {
  /** That each node of the site has beside them. */
  private static final int GPUS = 8;

  private static final int DEVICES = 4;
  private static final int CORES = 8;

  @TempDir Path root;

  private void tree() throws IOException {
    tree("", 0);
  }

  /** Of a node, with serial numbers of its own. */
  private void tree(String node, int first) throws IOException {
    write(node + "sys/module/neuron/version", "2.30.2.0\n");
    write(node + "millwright-simulated", "");
    for (int number = 0; number < DEVICES; number++) {
      String device = node + "sys/devices/virtual/neuron_device/neuron" + number + "/";
      write(device + "info/serial_number", serial(first + number) + "\n");
      write(device + "info/architecture/arch_type", "NDv4\n");
      write(device + "info/architecture/instance_type", "Trn3\n");
      write(device + "info/architecture/device_name", "Trainium3\n");
      write(device + "stats/hardware/mem_ecc_uncorrected", "0\n");
      write(device + "stats/hardware/health_status/hw_error_event", "0\n");
      for (int core = 0; core < CORES; core++) {
        write(device + "neuron_core" + core + "/stats/status/success/total", "0\n");
        write(device + "neuron_core" + core + "/stats/memory_usage/device_mem/total", "0\n");
      }
    }
  }

  private static String serial(int number) {
    return "%016x".formatted(0xa0 + number);
  }

  private void write(String name, String content) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.resolveSibling("."));
    Files.writeString(file, content);
  }

  private static String job(String name, int devices, String script) {
    return JobSite.job(name, devices, script).replace("\"gpu\"", "\"neuron\"");
  }

  @Test
  void aJobGetsAPairAndFindsItsCores() throws Exception {
    tree();
    try (JobSite site = JobSite.of("node1")) {
      site.set("neuron.root=" + root);
      site.startAgent("node1");
      AgentProcess.within(Duration.ofSeconds(60))
          .ignoreExceptions()
          .until(() -> site.json("/v1/fleet").get("accelerators_up").asInt() == GPUS + DEVICES);

      HttpResponse<String> three = site.post("/v1/jobs", job("three", 3, "true"));
      assertThat(three.statusCode()).as(three.body()).isEqualTo(422);
      assertThat(three.body())
          .contains("devices.count: '3' is refused; allowed of pairs of 4 are 1, 2, 4");

      Path go = site.open().resolve("go");
      site.submit(
          job(
              "first",
              1,
              "echo $NEURON_RT_VISIBLE_CORES; while [ ! -e %s ]; do sleep 0.1; done"
                  .formatted(go)));
      site.awaitState("first", "running");
      site.submit(
          job(
              "pair",
              2,
              "echo $NEURON_RT_VISIBLE_CORES $NEURON_LOGICAL_NC_CONFIG $NEURON_PROCESS_TAG"));
      JsonNode pair = site.awaitState("pair", "ended");
      assertThat(pair.get("outcome").asText()).as(pair.toString()).isEqualTo("completed");
      assertThat(pair.get("devices"))
          .extracting(JsonNode::asText)
          .containsExactly("neuron-" + serial(2), "neuron-" + serial(3));
      assertThat(site.get("/v1/jobs/pair/logs").body()).isEqualTo("8-15 2 pair-r1\n");

      site.submit(job("all", 4, "echo $NEURON_RT_VISIBLE_CORES"));
      AgentProcess.soon()
          .until(() ->
              site.json("/v1/jobs/all")
                  .get("waiting")
                  .asText()
                  .contains("4 accelerators, 3 free, 4 wanted"));
      Files.createFile(go);
      assertThat(site.awaitState("all", "ended").get("outcome").asText()).isEqualTo("completed");
      assertThat(site.get("/v1/jobs/all/logs").body()).isEqualTo("0-15\n");
      assertThat(site.get("/v1/jobs/first/logs").body()).isEqualTo("0-3\n");
    }
  }

  private void ultraServer(String node, int position) throws IOException {
    write(node + "sys/class/neuron_device/node_id", position + "\n");
    write(node + "sys/class/neuron_device/node_cnt", "4\n");
    write(node + "sys/class/neuron_device/reservation_id", "00000000000000c3\n");
  }

  private static Map<String, String> environment(JobSite site, String job, String node)
      throws Exception {
    String text = site.get("/v1/jobs/%s/logs?node=%s".formatted(job, node)).body();
    Map<String, String> found = new HashMap<>();
    text.lines()
        .filter(line -> line.indexOf('=') > 0)
        .forEach(line ->
            found.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1)));
    return found;
  }

  /** Each member prints where it meets the others; then the run is gone from both nodes. */
  @Test
  void membersOverTwoNodesMeetAtTheFirst() throws Exception {
    try (JobSite site = JobSite.of("node1", "node2")) {
      for (int n = 1; n <= 2; n++) {
        String node = "node" + n;
        tree(node + "/", n * DEVICES);
        ultraServer(node + "/", 2 - n);
        site.set("neuron.root=" + root.resolve(node), "jobs.address=127.0.0." + n);
        site.startAgent(node);
      }
      AgentProcess.within(Duration.ofSeconds(90))
          .ignoreExceptions()
          .until(
              () -> site.json("/v1/fleet").get("accelerators_up").asInt() == 2 * (GPUS + DEVICES));
      String gang = job("gang", 4, "env").replaceFirst("\\{", "{\"nodes\":2,");
      AgentProcess.soon()
          .untilAsserted(() ->
              assertThat(site.explain(gang).get("shares").findValues("marks"))
                  .as("of one UltraServer")
                  .hasSize(2)
                  .allSatisfy(marks ->
                      assertThat(marks.toString())
                          .matches(".*\"term\":\"nodes\",\"weight\":[0-9.]+,\"value\":1\\.0.*")));
      site.submit(gang);
      JsonNode ended = site.awaitState("gang", "ended");
      assertThat(ended.get("outcome").asText()).as(ended.toString()).isEqualTo("completed");

      Map<String, String> one = environment(site, "gang", "node1");
      Map<String, String> two = environment(site, "gang", "node2");
      String root = one.get("NEURON_RT_ROOT_COMM_ID");
      assertThat(root)
          .as("of node2, the first of the UltraServer")
          .matches("127\\.0\\.0\\.2:6[0-9]{4}");
      assertThat(two.get("NEURON_RT_ROOT_COMM_ID")).isEqualTo(root);
      assertThat(List.of(one.get("NODE_RANK"), two.get("NODE_RANK"))).containsExactly("1", "0");
      for (Map<String, String> member : List.of(one, two)) {
        assertThat(member)
            .containsEntry("NNODES", "2")
            .containsEntry("MASTER_ADDR", "127.0.0.2")
            .containsEntry("NEURON_RT_VISIBLE_CORES", "0-15");
        assertThat(member.get("MASTER_ADDR") + ":" + member.get("MASTER_PORT"))
            .as("another port than the runtime's")
            .isNotEqualTo(root);
      }

      site.submit(gang);
      site.awaitState("gang", "ended");
      assertThat(environment(site, "gang", "node2").get("NEURON_RT_ROOT_COMM_ID"))
          .as("the next run meets at another port, on devices that are free again")
          .isNotNull()
          .isNotEqualTo(root);
      assertThat(site.json("/v1/jobs/gang").get("run").asInt()).isEqualTo(2);
    }
  }
}
