package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A broken link from the simulated library through an agent's process and a collector to whoever is
 * told.
 */
class IncidentTest {
  private static final int DEVICES = 8;
  private static final int BROKEN = 3;

  @Test
  void aBrokenLinkIsOneIncidentHoweverManyComplain(@TempDir Path directory) throws Exception {
    SimulatedNode simulated = AgentProcess.simulated("profile b200");
    try (PagedSite site = new PagedSite(directory);
        AgentProcess agent = AgentProcess.up(simulated, site.settings())) {
      AgentProcess.soon().until(() -> site.up() == DEVICES);
      AgentProcess.soon()
          .until(() -> simulated.command("calls").contains("nvmlDeviceRegisterEvents=8"));
      simulated.fault(BROKEN, "xid 149"); // which is 145 on the seven others
      AgentProcess.soon().until(() -> site.open().size() == 1 && site.open().get(0).has("root"));
      String id = site.open().get(0).get("id").asText();
      AgentProcess.soon()
          .until(() -> site.text("/v1/incidents/" + id).contains("\"codes\":[\"149\"]"));
      JsonNode root = site.open().get(0).get("root");
      assertThat(root.get("accelerator").asText()).isEqualTo(Integer.toString(BROKEN));
      assertThat(root.get("serial").asText()).isNotEmpty();
      assertThat(site.open()).hasSize(1);

      AgentProcess.soon().until(() -> !site.told().isEmpty());
      assertThat(site.told().getFirst().get("id").asText()).isEqualTo(id);
      assertThat(site.told().getFirst().get("page").asBoolean()).isTrue();
      assertThat(site.told().getFirst().at("/root/serial")).isEqualTo(root.get("serial"));
      assertThat(site.text("/metrics"))
          .contains("millwright_collector_incidents{severity=\"critical\"} 1\n");

      agent.signal("TERM");
      assertThat(agent.exitCode()).isZero();
      assertThat(site.told().stream().filter(one -> one.get("page").asBoolean())).hasSize(1);
      assertThat(site.open()).as("whose node is not heard has not recovered").hasSize(1);
    }
  }
}
