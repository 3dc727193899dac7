package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The real agent over the simulated Neuron node, as {@code up --simulate} starts both. */
class NeuronUpTest {
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
                  && page.device(1, "utilization_ratio") < 1 // of 0.75: files move in steps
                  && page.device(1, "power_utilization_ratio", "stat=\"avg\"") >= 0);
      assertThat(busy.device(1, "memory_used_bytes")).isGreaterThan(50e9);
      assertThat(busy.device(1, "power_utilization_ratio", "stat=\"max\"")).isLessThan(1);

      node.fault(2, "ecc hbm 3");
      agent.awaitPage(page ->
          page.values("millwright_accelerator_ecc_errors_total", "accelerator=\"2\"")
              .contains(3.0));
      node.fault(3, "lost");
      agent.awaitPage(page -> page.device(3, "up") == 0);
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
    }
  }
}
