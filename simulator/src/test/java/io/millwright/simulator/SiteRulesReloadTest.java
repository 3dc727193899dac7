package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A site's own rules in an agent that runs: changed, refused, mended, taken away. */
class SiteRulesReloadTest {
  private static final int CONFIGURATION = 78;
  private static final int DEVICES = 8;
  private static final String REFUSED = "millwright_agent_health_rules_refused";

  /** Of whatever is warmer than ice. */
  private static final String WARM =
      """
      add:
        site-warm:
          vendor: nvidia
          check: thermal
          when: reading millwright_accelerator_temperature_celsius{sensor=core} > %d
          ends: not for 0s
          verdict: degraded
          advice: inspect
          scope: device
          meaning: The accelerator is warmer than this site likes.
      """;

  @TempDir
  @SuppressWarnings("NullAway.Init") // JUnit sets it
  private Path rules;

  private static long degraded(LivePage page) {
    return page.values("millwright_accelerator_health_state", "state=\"degraded\"").stream()
        .filter(one -> one == 1)
        .count();
  }

  private static double refused(LivePage page) {
    return page.value(REFUSED).orElse(Double.NaN);
  }

  private static long count(AgentProcess agent, String part) throws Exception {
    return agent.errors().lines().filter(line -> line.contains(part)).count();
  }

  @Test
  void aReloadTakesThemInForceAndAMistakeLeavesThoseOfBefore() throws Exception {
    Path own = rules.resolve("10-ours.yaml");
    Path faulty = rules.resolve("20-faulty.yaml");
    String key = "health.rules=" + rules;
    SimulatedNode node = AgentProcess.simulated("profile b200", "load 0.5");
    try (AgentProcess agent = AgentProcess.up(node, "--set", key)) {
      agent.awaitPage(page -> page.up(DEVICES) && degraded(page) == 0 && refused(page) == 0);

      Files.writeString(own, WARM.formatted(1));
      agent.signal("HUP");
      LivePage warm = agent.awaitPage(page -> degraded(page) == DEVICES);
      assertThat(warm.value("millwright_agent_health_rules", "origin=\"added\"")).hasValue(1);
      assertThat(agent.get("/v1/health").body())
          .contains("\"rule\":\"site-warm\"")
          .contains("a rule of the site");

      Files.writeString(faulty, "tune:\n  xid-remap:\n    verdict: failed\n    advise: replace\n");
      agent.signal("HUP");
      LivePage kept = agent.awaitPage(page -> refused(page) == 1);
      assertThat(kept.value("millwright_agent_health_rules", "origin=\"added\"")).hasValue(1);
      assertThat(degraded(agent.scrape())).isEqualTo(DEVICES);
      assertThat(count(agent, faulty.toString())).as(agent.errors()).isEqualTo(1);
      checked(key, faulty);

      Files.delete(faulty);
      Files.writeString(own, WARM.formatted(1000));
      agent.signal("HUP");
      agent.awaitPage(page -> refused(page) == 0 && degraded(page) == 0);
      assertThat(agent.alive()).isTrue();
    }
  }

  /** What is asked before a reload says the same as the agent would log. */
  private static void checked(String key, Path faulty) throws Exception {
    try (AgentProcess check = AgentProcess.start("agent", "config", "check", "--set", key)) {
      assertThat(check.exitCode()).isEqualTo(CONFIGURATION);
      List<String> said = check.errors().lines().toList();
      assertThat(said)
          .anySatisfy(line ->
              assertThat(line)
                  .contains(faulty + ":4:")
                  .contains("advise")
                  .contains("did you mean advice?"));
    }
  }

  @Test
  void anAgentThatStartsWithAMistakeRunsByThePackagedRules() throws Exception {
    Path faulty = Files.writeString(rules.resolve("10-faulty.yaml"), "disable: [no-such-rule]\n");
    SimulatedNode node = AgentProcess.simulated("profile b200");
    try (AgentProcess agent = AgentProcess.up(node, "--set", "health.rules=" + rules)) {
      LivePage page = agent.awaitPage(live -> live.up(DEVICES) && refused(live) == 1);
      assertThat(page.value("millwright_agent_health_rules", "origin=\"packaged\"").orElse(0))
          .isGreaterThan(50);
      assertThat(count(agent, faulty.toString())).as(agent.errors()).isEqualTo(1);
    }
  }
}
