package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.millwright.collector.trust.Authority;
import io.millwright.protocol.clock.Clock;
import io.millwright.simulator.fleet.FleetOptions;
import io.millwright.simulator.fleet.SimulatedFleet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * A collector with little memory, at twice the usual rate, whose receiver of samples is not there;
 * and killed in the middle of it. The short form has few nodes and seconds; with {@code -Dlong=yes}
 * it has {@code -Dpressure.nodes=N} (300 otherwise) for ten minutes, and fills the queue.
 */
class PressureTest {
  private static final boolean LONG = "yes".equals(System.getProperty("long"));
  private static final long QUEUE_BYTES = 1 << 20;

  private final Clock clock = Clock.system();

  private static int connected(JobSite site) throws IOException, InterruptedException {
    return site.json("/v1/fleet").path("nodes_connected").asInt();
  }

  private static double queue(JobSite site) throws IOException, InterruptedException {
    return site.value("millwright_collector_remote_write_queue_bytes");
  }

  private static double dropped(JobSite site) throws IOException, InterruptedException {
    return site.value("millwright_collector_dropped_total{queue=\"remote_write\",reason=\"full\"}");
  }

  /** Of the table of events, none twice. */
  private static int events(JobSite site) throws IOException, InterruptedException {
    Set<String> found = new HashSet<>();
    long after = 0;
    JsonNode page;
    do {
      page = site.json("/v1/events?limit=1000&after=" + after);
      for (JsonNode event : page) {
        after = event.path("sequence").asLong();
        if (Set.of("device-lost", "device-returned", "error-code")
            .contains(event.path("kind").asText())) {
          String one =
              event.path("node").asText()
                  + event.path("kind")
                  + event.path("device")
                  + event.path("at_ms")
                  + event.path("code");
          assertThat(found.add(one)).as("twice: " + one).isTrue();
        }
      }
    } while (page.size() == 1000);
    return found.size();
  }

  @Test
  void boundsHoldAndAKillLosesNothingThatWasAcknowledged() throws Exception {
    int nodes = LONG ? Integer.getInteger("pressure.nodes", 300) : 8;
    long seed = new Random().nextLong();
    System.out.println("seed " + seed);
    try (JobSite site = JobSite.collecting()) {
      Path receiver = site.directory().resolve("remote-write.yaml");
      Files.writeString(
          receiver, "url: http://127.0.0.1:1/api/v1/write\ninterval: 1s\nqueue_mebibytes: 1\n");
      site.killCollector();
      site.room(LONG ? "-Xmx512m" : "-Xmx128m");
      site.collect("--remote-write", receiver.toString());
      site.startCollector();
      site.awaitCollector();
      FleetOptions options =
          new FleetOptions(
              nodes,
              "127.0.0.1",
              site.uplinkPort(),
              Optional.of(Authority.open(site.authority(), clock)),
              seed,
              Duration.ofMillis(500),
              600,
              0);
      try (SimulatedFleet fleet = new SimulatedFleet(options, clock)) {
        fleet.start();
        AgentProcess.soon().ignoreExceptions().until(() -> connected(site) == nodes);
        pressed(site, nodes);
        AgentProcess.soon().until(() -> fleet.counts().acknowledged() > 3);
        long acknowledged = fleet.counts().acknowledged();
        double waited = queue(site);
        site.killCollector();
        site.startCollector();
        site.awaitCollector();
        AgentProcess.soon().ignoreExceptions().until(() -> connected(site) == nodes);
        assertThat(events(site)).isGreaterThanOrEqualTo((int) acknowledged);
        fleet.freeze();
        AgentProcess.soon().until(() -> fleet.counts().acknowledged() == fleet.counts().told());
        assertThat(events(site)).isEqualTo((int) fleet.counts().told());
        assertThat(queue(site)).as("what waited outlives the kill").isGreaterThan(waited / 2);
      }
      assertThat(site.said()).doesNotContain("OutOfMemoryError");
    }
  }

  /** In the long form for ten minutes, and until the queue is full and has let the oldest go. */
  private void pressed(JobSite site, int nodes) {
    long begun = clock.nanos();
    Duration least = LONG ? Duration.ofMinutes(10) : Duration.ZERO;
    AgentProcess.within(least.plusMinutes(2))
        .ignoreExceptions()
        .until(() -> {
          assertThat(queue(site)).isLessThanOrEqualTo((double) QUEUE_BYTES);
          return clock.nanos() - begun >= least.toNanos()
              && (LONG ? dropped(site) : queue(site)) > 0
              && connected(site) == nodes;
        });
    for (String resource : List.of("heap", "queues")) {
      AgentProcess.soon()
          .ignoreExceptions()
          .until(() ->
              site.value(
                      "millwright_collector_budget_used_ratio{resource=\"%s\"}".formatted(resource))
                  < 1.01);
    }
  }
}
