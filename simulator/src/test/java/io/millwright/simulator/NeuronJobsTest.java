package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
    write("sys/module/neuron/version", "2.30.2.0\n");
    write("millwright-simulated", "");
    for (int number = 0; number < DEVICES; number++) {
      String device = "sys/devices/virtual/neuron_device/neuron" + number + "/";
      write(device + "info/serial_number", serial(number) + "\n");
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
}
