package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

/** MIG instances on the pages of an agent as a site runs it. */
class InstancePagesTest {

  @Test
  void areOnOursAndOnThatOfDcgm() throws Exception {
    SimulatedNode simulated = AgentProcess.simulated("devices 2", "load 0.5", "set 1 mig_mode 1");
    try (AgentProcess agent = AgentProcess.up(simulated, "--set", "page.dialects=dcgm")) {
      agent.awaitPage(page -> page.up(2));
      simulated.command("mig 1 create 3g.90gb 0");
      LivePage page =
          agent.awaitPage(now ->
              now.value("millwright_accelerator_utilization_ratio", "accelerator=\"1:gi1\"")
                  .isPresent());
      assertThat(page.value("millwright_accelerator_up", "accelerator=\"1:gi1\"", "uuid=\"MIG-"))
          .hasValue(1);
      assertThat(page.value("millwright_node_accelerators")).hasValue(2);
      assertThat(page.device(1, "partition_mode_enabled")).isEqualTo(1);
      assertThat(page.device(1, "utilization_ratio")).isNaN();
      assertThat(page.device(1, "power_watts", "scope=\"gpu\"")).isPositive();
      HttpResponse<String> dcgm = agent.get("/metrics/dcgm");
      assertThat(dcgm.body().lines().filter(line -> line.startsWith("DCGM_FI_DEV_FB_USED{")))
          .hasSize(3)
          .filteredOn(line -> line.contains("GPU_I_ID=\"1\""))
          .singleElement()
          .satisfies(line ->
              assertThat(line)
                  .contains("gpu=\"1\"", "GPU_I_PROFILE=\"3g.90gb\"", "modelName=\"NVIDIA B200\""));
      simulated.command("mig 1 destroy 1");
      agent.awaitPage(now -> now.values("millwright_accelerator_up").size() == 2 && now.up(2));
    }
  }
}
