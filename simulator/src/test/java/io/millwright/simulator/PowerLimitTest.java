package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A power limit that is halved under load: all that follows from it is on the page. */
class PowerLimitTest {
  private static final String CAPPED = "reason=\"sw_power_cap\"";

  @Test
  void takesPowerEnergyAndTemperatureAlongAndSaysWhy() throws Exception {
    SimulatedNode node =
        AgentProcess.simulated(
            "profile b200",
            "load 0.9",
            "set all tau_power_ms 300",
            "set all tau_temperature_ms 1000");
    try (AgentProcess agent =
        AgentProcess.up(node, "--set", "sampling.fast=100ms", "--set", "sampling.medium=200ms")) {
      agent.awaitPage(page -> page.up(8));
      LivePage before = settled(agent);
      double powerBefore = before.device(0, "power_watts");
      double limit = before.device(0, "power_limit_watts", "limit=\"enforced\"");
      assertThat(powerBefore).isLessThan(limit);
      assertThat(before.device(0, "throttle_active", CAPPED)).isZero();

      node.set(0, "power_limit_mw", Math.round(limit * 500));
      LivePage capped =
          agent.awaitPage(page ->
              page.device(0, "throttle_active", CAPPED) == 1
                  && page.device(0, "power_watts") < limit / 2 * 1.02);
      assertThat(capped.device(0, "power_limit_watts", "limit=\"enforced\""))
          .isCloseTo(limit / 2, within(0.001));
      LivePage after = settled(agent);

      double powerAfter = after.device(0, "power_watts");
      double energyRate = energyRate(agent, 0);
      System.out.println(
          "limit %.0f -> %.0f W: power %.0f -> %.0f W, energy rate %.0f W, core %.0f -> %.0f C"
              .formatted(
                  limit,
                  limit / 2,
                  powerBefore,
                  powerAfter,
                  energyRate,
                  before.device(0, "temperature_celsius", "sensor=\"core\""),
                  after.device(0, "temperature_celsius", "sensor=\"core\"")));
      assertThat(powerAfter).isCloseTo(limit / 2, within(limit * 0.02));
      assertThat(energyRate).isCloseTo(powerAfter, within(powerAfter * 0.1));
      assertThat(after.device(0, "temperature_celsius", "sensor=\"core\""))
          .isLessThan(before.device(0, "temperature_celsius", "sensor=\"core\"") - 3);
      assertThat(after.device(0, "throttle_active", CAPPED)).isEqualTo(1);

      assertThat(after.device(1, "power_watts")).isCloseTo(powerBefore, within(powerBefore * 0.05));
      assertThat(after.device(1, "throttle_active", CAPPED)).isZero();
      assertThat(after.device(1, "power_limit_watts", "limit=\"enforced\"")).isEqualTo(limit);
    }
  }

  /** Once neither power nor temperature of the first two devices moves any more. */
  private static LivePage settled(AgentProcess agent) {
    LivePage[] last = {agent.awaitPage(page -> true)};
    AgentProcess.within(Duration.ofSeconds(30))
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> {
          LivePage previous = last[0];
          last[0] = agent.scrape();
          return steady(previous, last[0], 0) && steady(previous, last[0], 1);
        });
    return last[0];
  }

  private static boolean steady(LivePage one, LivePage two, int device) {
    double watts = one.device(device, "power_watts");
    return Math.abs(two.device(device, "power_watts") - watts) < watts * 0.02
        && one.device(device, "temperature_celsius", "sensor=\"core\"")
            == two.device(device, "temperature_celsius", "sensor=\"core\"");
  }

  /** Watts, of the counter over four seconds. */
  private static double energyRate(AgentProcess agent, int device) throws Exception {
    double joules = agent.scrape().device(device, "energy_joules_total");
    long from = System.nanoTime();
    double[] rate = {0};
    AgentProcess.within(Duration.ofSeconds(20))
        .pollDelay(Duration.ofSeconds(4))
        .until(() -> {
          double now = agent.scrape().device(device, "energy_joules_total");
          rate[0] = (now - joules) / ((System.nanoTime() - from) / 1e9);
          return true;
        });
    return rate[0];
  }
}
