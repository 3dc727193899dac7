package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.millwright.collector.trust.Authority;
import io.millwright.protocol.clock.Clock;
import io.millwright.simulator.fleet.FleetCheck;
import io.millwright.simulator.fleet.FleetOptions;
import io.millwright.simulator.fleet.SimulatedFleet;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A simulated fleet and a collector that is a process of its own. */
class SimulatedFleetTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Clock clock = Clock.system();
  private final long seed = new Random().nextLong();

  private SimulatedFleet fleet(JobSite site, boolean secured, int nodes, int faults, int churn) {
    System.out.println("seed " + seed);
    return new SimulatedFleet(
        new FleetOptions(
            nodes,
            "127.0.0.1",
            site.uplinkPort(),
            secured ? Optional.of(Authority.open(site.authority(), clock)) : Optional.empty(),
            seed,
            Duration.ofSeconds(1),
            faults,
            churn),
        clock);
  }

  private List<String> differing(SimulatedFleet fleet, JobSite site) throws InterruptedException {
    URI collector = URI.create("http://127.0.0.1:" + site.httpPort());
    try (FleetCheck check = new FleetCheck(fleet, collector, clock)) {
      return check.differing(PATIENCE);
    }
  }

  private static List<String> down(JobSite site) throws IOException, InterruptedException {
    List<String> down = new ArrayList<>();
    for (JsonNode device : site.json("/v1/accelerators")) {
      if (device.path("state").asText().equals("down")) {
        assertThat(device.path("verdict").asText()).isEqualTo("failed");
        assertThat(device.path("evidence").findValuesAsText("rule")).contains("device-lost");
        down.add(device.path("uuid").asText());
      }
    }
    return down;
  }

  private static int connected(JobSite site) throws IOException, InterruptedException {
    return site.json("/v1/fleet").path("nodes_connected").asInt();
  }

  @Test
  void theCollectorHasWhatTheNodesSent() throws Exception {
    try (JobSite site = JobSite.of()) {
      site.awaitCollector();
      try (SimulatedFleet fleet = fleet(site, true, 200, 1200, 120)) {
        fleet.start();
        AgentProcess.soon().until(() -> fleet.counts().faults() > 20 && fleet.counts().gone() > 1);
        AgentProcess.soon().ignoreExceptions().until(() -> !down(site).isEmpty());
        fleet.freeze();
        assertThat(differing(fleet, site)).as("seed " + seed).isEmpty();
        AgentProcess.soon() // of a node that is late for a moment no device is up or down
            .untilAsserted(() ->
                assertThat(down(site))
                    .isNotEmpty()
                    .containsExactlyInAnyOrderElementsOf(fleet.lostDevices()));
        AgentProcess.soon().until(() -> fleet.counts().acknowledged() == fleet.counts().told());
        assertThat(site.value("millwright_collector_events_received_total"))
            .isEqualTo((double) fleet.counts().told())
            .isPositive();
      }
      AgentProcess.soon().until(() -> connected(site) == 0);
    }
  }

  @Test
  void aCollectorOnLoopbackTakesNodesWithoutTls() throws Exception {
    try (JobSite site = JobSite.collecting("--plain-uplink")) {
      site.awaitCollector();
      try (SimulatedFleet fleet = fleet(site, false, 20, 0, 0)) {
        fleet.start();
        AgentProcess.soon().until(() -> fleet.counts().connected() == 20);
        fleet.freeze();
        assertThat(differing(fleet, site)).isEmpty();
      }
    }
  }

  @Test
  void speaksInTheClearOnLoopbackAlone() {
    FleetOptions beyond =
        new FleetOptions(1, "192.0.2.1", 9462, Optional.empty(), seed, Duration.ofSeconds(1), 0, 0);
    assertThatThrownBy(() -> new SimulatedFleet(beyond, clock))
        .hasMessage(
            "--collector: '192.0.2.1' is refused without --authority, for the sessions would be in the clear; allowed is an address of loopback");
  }
}
