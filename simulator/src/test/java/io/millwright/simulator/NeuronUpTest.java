package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.simulator.neuron.NeuronNode;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The real agent over the simulated Neuron node, as {@code up --simulate} starts both. */
class NeuronUpTest {
  private static final String PAGE = "/metrics/neuron";
  private static final int CORES = 8; // of a simulated Trainium3

  @Test
  void theAgentReadsTheLivingTreeAndSeesWhatBreaks() throws Exception {
    try (AgentProcess agent =
        AgentProcess.simulator(
            "up",
            "--simulate",
            "trn3",
            "--listen",
            "127.0.0.1:0",
            "--set",
            "sampling.fast=200ms",
            "--set",
            "sampling.medium=400ms",
            "--set",
            "sampling.slow=600ms",
            "--set",
            "page.dialects=neuron",
            "--set",
            "neuron.call_deadline=300ms")) {
      Path directory = agent.directory().resolve("millwright-simulated/node1");
      SimulatedNode node = SimulatedNode.at(directory);
      LivePage first = agent.awaitPage(page -> page.up(4));
      assertThat(agent.output()).contains("SIMULATED accelerators of profile trn3");
      assertThat(first.device(0, "info", "simulated=\"true\"", "model=\"Trainium3\"")).isEqualTo(1);

      node.set(1, "load", "0.75");
      LivePage busy =
          agent.awaitPage(page ->
              page.device(1, "utilization_ratio") > 0.5
                  && page.device(1, "utilization_ratio") < 1); // of 0.75: files move in steps
      assertThat(busy.device(1, "memory_used_bytes")).isGreaterThan(50e9);

      assertThePageOfNeuronMonitorIsTheDrivers(agent);

      node.fault(2, "ecc hbm 3");
      agent.awaitPage(page ->
          page.values("millwright_accelerator_ecc_errors_total", "accelerator=\"2\"")
              .contains(3.0));
      node.fault(3, "lost");
      agent.awaitPage(page -> page.device(3, "up") == 0);
      AgentProcess.soon().until(() -> utilizedCores(agent).size() == 3 * CORES);
      node.fault(3, "return");
      agent.awaitPage(page -> page.up(4));
      node.fault(0, "hang");
      agent.awaitPage(page -> page.device(0, "up") == 0 && page.device(1, "up") == 1);
      node.fault(0, "release");
      agent.awaitPage(page -> page.up(4));
      node.command("driver unload");
      agent.awaitPage(page -> page.up(0));
      node.command("driver load");
      agent.awaitPage(page -> page.up(4));
      assertThat(node.command("get 3 state")).isEqualTo(List.of("state=present"));
      agent.signal("TERM");
      agent.exitCode();
      assertThat(directory.resolve("control.sock")).doesNotExist();
      assertThat(new NeuronNode(directory).root()).doesNotExist();
    }
  }

  /** No neuron-monitor runs: every core and count is from the driver's files. */
  private static void assertThePageOfNeuronMonitorIsTheDrivers(AgentProcess agent) {
    AgentProcess.soon().until(() -> utilizedCores(agent).size() == 4 * CORES);
    AgentProcess.soon()
        .untilAsserted(() -> {
          LivePage page = LivePage.of(agent.get(PAGE).body());
          assertThat(page.values("neuroncore_utilization_ratio", "neuroncore=\"8\""))
              .as("the first core of device 1, which has a load of 0.75")
              .allMatch(ratio -> ratio > 0.5 && ratio < 1)
              .hasSize(1);
          assertThat(page.values("neuroncore_memory_usage_tensors")).hasSize(4 * CORES);
          assertThat(page.values("execution_status_total", "status_type=\"completed\""))
              .allMatch(count -> count > 0)
              .hasSize(1);
          assertThat(page.values("hardware_ecc_events_total", "mem_ecc_corrected")).hasSize(4);
          assertThat(page.text()).startsWith("# Simulated hardware");
        });
  }

  private static List<Double> utilizedCores(AgentProcess agent) throws Exception {
    return LivePage.of(agent.get(PAGE).body()).values("neuroncore_utilization_ratio");
  }
}
