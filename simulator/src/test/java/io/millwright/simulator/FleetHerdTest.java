package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.millwright.collector.trust.Authority;
import io.millwright.protocol.clock.Clock;
import io.millwright.simulator.fleet.FleetCheck;
import io.millwright.simulator.fleet.FleetOptions;
import io.millwright.simulator.fleet.SimulatedFleet;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * A large fleet over TLS whose collector is killed in the middle, and comes back. Its times are
 * printed; -Dfleet.nodes=N for another number of nodes. Ten thousand are {@code
 * benchmarks/collector.sh fleet=10000}'s, with processes that are made for it.
 */
@EnabledIfSystemProperty(named = "long", matches = "yes")
class FleetHerdTest {
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  /** As many as this process and a collector without its second compiler carry on two cores. */
  private static final int NODES = 2_000;

  /** Sessions begun a second at first; after the kill all come as they like. */
  private static final int BEGUN = 100;

  private static final long COLLECTOR_GIBIBYTES = 4;

  /** What a simulated node tells of. */
  private static final Set<String> TOLD = Set.of("device-lost", "device-returned", "error-code");

  private final Clock clock = Clock.system();

  private static int connected(JobSite site) throws Exception {
    return site.json("/v1/fleet").path("nodes_connected").asInt();
  }

  private double awaitAll(JobSite site, int nodes) {
    long begun = clock.nanos();
    AgentProcess.within(PATIENCE).ignoreExceptions().until(() -> connected(site) == nodes);
    return (clock.nanos() - begun) / 1e9;
  }

  /** The events of simulated nodes that the collector keeps, by node and number. */
  private static Set<String> kept(JobSite site) throws Exception {
    Set<String> kept = new HashSet<>();
    long after = 0;
    JsonNode page;
    do {
      page = site.json("/v1/events?limit=1000&after=" + after);
      for (JsonNode event : page) {
        after = event.path("sequence").asLong();
        if (TOLD.contains(event.path("kind").asText())) {
          String one =
              event.path("node").asText()
                  + event.path("kind")
                  + event.path("device")
                  + event.path("at_ms")
                  + event.path("code");
          assertThat(kept.add(one)).as("twice: " + one).isTrue();
        }
      }
    } while (page.size() == 1000);
    return kept;
  }

  /** The collector's heap and this process's, as they may become. */
  private static void requireMemory(int nodes) throws IOException {
    long wanted = (COLLECTOR_GIBIBYTES << 30) + Runtime.getRuntime().maxMemory();
    long available =
        Files.readAllLines(Path.of("/proc/meminfo")).stream()
            .filter(line -> line.startsWith("MemAvailable:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
            .findFirst()
            .orElse(Long.MAX_VALUE);
    assumeTrue(
        available >= wanted,
        "%d nodes over TLS were not run: %d MiB of memory are available and %d are needed, %d GiB for the collector's heap and the rest for the nodes' process; give the machine more, or -Dfleet.nodes=N"
            .formatted(nodes, available >> 20, wanted >> 20, COLLECTOR_GIBIBYTES));
  }

  @Test
  void allComeBackAfterAKillAndNothingThatWasAcknowledgedIsLost() throws Exception {
    int nodes = Integer.getInteger("fleet.nodes", NODES);
    requireMemory(nodes);
    long seed = new Random().nextLong();
    System.out.println("seed " + seed);
    try (JobSite site = JobSite.collecting()) {
      site.awaitCollector();
      site.killCollector();
      site.room("-Xmx%dg".formatted(COLLECTOR_GIBIBYTES));
      site.startCollector();
      site.awaitCollector();
      FleetOptions options =
          new FleetOptions(
              nodes,
              "127.0.0.1",
              site.uplinkPort(),
              Optional.of(Authority.open(site.authority(), clock)),
              seed,
              Duration.ofSeconds(1),
              BEGUN,
              600,
              0);
      try (SimulatedFleet fleet = new SimulatedFleet(options, clock)) {
        fleet.start();
        System.out.printf("%d nodes connected in %.1f s%n", nodes, awaitAll(site, nodes));
        AgentProcess.within(PATIENCE).until(() -> fleet.counts().acknowledged() > 100);
        long acknowledged = fleet.counts().acknowledged();
        site.killCollector();
        long begun = clock.nanos();
        site.startCollector();
        site.awaitCollector();
        System.out.printf("answers %.1f s after the kill%n", (clock.nanos() - begun) / 1e9);
        double back = awaitAll(site, nodes);
        System.out.printf("all back %.1f s later%n", back);
        assertThat(kept(site).size()).isGreaterThanOrEqualTo((int) acknowledged);
        fleet.freeze();
        AgentProcess.within(PATIENCE)
            .until(() -> fleet.counts().acknowledged() == fleet.counts().told());
        assertThat(kept(site)).hasSize((int) fleet.counts().told());
        URI collector = URI.create("http://127.0.0.1:" + site.httpPort());
        try (FleetCheck check = new FleetCheck(fleet, collector, clock)) {
          assertThat(check.differing(PATIENCE)).isEmpty();
        }
        System.out.printf(
            "late samples taken %.0f, twice %.0f; fleet %s%n",
            site.value("millwright_collector_backfilled_samples_total{result=\"accepted\"}"),
            site.value("millwright_collector_backfilled_samples_total{result=\"duplicate\"}"),
            fleet.counts());
      }
    }
  }
}
