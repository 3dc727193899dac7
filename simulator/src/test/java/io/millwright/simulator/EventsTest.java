package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;

/**
 * Events of a real agent with simulated devices and their kernel log, over mutual TLS to a real
 * collector; both are killed in between.
 */
class EventsTest {
  private static List<String> told(JobSite site) throws Exception {
    List<String> told = new ArrayList<>();
    for (JsonNode event : site.json("/v1/events?kind=error-code&after=0")) {
      told.add(
          "%s of %s, %d"
              .formatted(
                  event.path("code").asText(),
                  event.path("accelerator").asText(),
                  event.path("count").asLong()));
    }
    return told;
  }

  private static void await(JobSite site, String... wanted) throws Exception {
    try {
      AgentProcess.within(Duration.ofSeconds(60))
          .ignoreExceptions()
          .until(() -> told(site).equals(List.of(wanted)));
    } catch (ConditionTimeoutException never) {
      throw new AssertionError("told is " + told(site) + "\n" + site.said(), never);
    }
  }

  /** Whether the agent has this on its disk. */
  private static boolean isKept(JobSite site, String code) throws IOException {
    Path store = site.directory().resolve("health-node1/events");
    try (Stream<Path> files = Files.list(store)) {
      for (Path file : files.toList()) {
        if (Files.readString(file, StandardCharsets.ISO_8859_1)
            .contains("\"code\":\"" + code + "\"")) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * Each is told by NVML and by the kernel log, and is one. The second happens while the collector
   * is dead, and the agent is killed before that is back; the third comes after all.
   */
  @Test
  void comeOnceOverKillsOfBothSides() throws Exception {
    try (JobSite site = JobSite.of("node1")) {
      site.startAgent("node1");
      site.awaitNodes(1);
      site.hardware("node1").command("fault 1 xid 31");
      await(site, "31 of 1, 1");
      site.killCollector();
      site.hardware("node1").command("fault 2 xid 43");
      AgentProcess.soon().ignoreExceptions().until(() -> isKept(site, "43"));
      site.killAgent("node1");
      site.startCollector();
      site.awaitCollector();
      assertThat(told(site)).as("durable before it was acknowledged").containsExactly("31 of 1, 1");
      site.startAgent("node1");
      site.awaitNodes(1);
      await(site, "31 of 1, 1", "43 of 2, 1");
      site.killCollector();
      site.startCollector();
      site.awaitNodes(1);
      site.hardware("node1").command("fault 3 xid 31");
      await(site, "31 of 1, 1", "43 of 2, 1", "31 of 3, 1");
      List<String> kinds = site.json("/v1/events?after=0").findValuesAsText("kind");
      assertThat(kinds).filteredOn("agent-started"::equals).hasSize(2);
    }
  }
}
