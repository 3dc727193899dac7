package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What reading costs, from the C call to the page. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NativeCallCostTest {
  private static final int DEVICES = 8;
  private static final int SLOW = 5;
  private static final int SLOW_MICROSECONDS = 400;
  private static final String UTILIZATION = "nvmlDeviceGetUtilizationRates";
  private static final String DURATION = "millwright_agent_native_call_duration_seconds";
  private static final String RESULTS = "millwright_agent_native_call_results_total";

  @SuppressWarnings("NullAway.Init") // started before all
  private SimulatedNode node;

  @SuppressWarnings("NullAway.Init") // started before all
  private AgentProcess agent;

  @BeforeAll
  void start() throws IOException {
    node = AgentProcess.simulated("profile b200", "load 0.6");
    agent = AgentProcess.up(node, "--set", "sampling.fast=100ms", "--set", "metrics.tier=extended");
    agent.awaitPage(page -> page.up(DEVICES));
  }

  @AfterAll
  void stop() throws Exception {
    agent.close();
  }

  /** The simulator counts as well: a page before and one after its count hold it between them. */
  @Test
  void everyCallIsCounted() throws Exception {
    double before = calls(agent.scrape(), UTILIZATION);
    double made = simulated(UTILIZATION);
    agent.awaitPage(page -> calls(page, UTILIZATION) >= made);
    assertThat(before).isPositive().isLessThanOrEqualTo(made);
    LivePage page = agent.scrape();
    assertThat(page.value(DURATION + "_bucket", label(UTILIZATION), "le=\"+Inf\""))
        .isEqualTo(page.value(DURATION + "_count", label(UTILIZATION)));
    assertThat(page.value(DURATION + "_sum", label(UTILIZATION)).orElse(0)).isPositive();
  }

  @Test
  void aReturnCodeIsCountedByItsWord() throws Exception {
    node.fault(2, "code " + UTILIZATION + " 27");
    agent.awaitPage(page -> results(page, UTILIZATION, "not_ready") > 0);
    node.fault(2, "code " + UTILIZATION + " 4242");
    agent.awaitPage(page -> results(page, UTILIZATION, "other") > 0);
    node.fault(2, "code " + UTILIZATION + " 0");
    double well = results(agent.scrape(), UTILIZATION, "success");
    agent.awaitPage(page -> results(page, UTILIZATION, "success") > well);
  }

  /** A call that takes so long at least counts for so much at least, on its own device alone. */
  @Test
  void whatADevicesCallsTakeIsItsCostAndNobodyElses() throws Exception {
    double[] before = costs(agent.scrape());
    node.fault(SLOW, "slow " + SLOW_MICROSECONDS);
    double least = SLOW_MICROSECONDS / 1e6 * 200;
    agent.awaitPage(page -> costs(page)[SLOW] - before[SLOW] > least);
    double[] after = costs(agent.scrape());
    node.fault(SLOW, "slow 0");
    for (int device = 0; device < DEVICES; device++) {
      if (device != SLOW) {
        assertThat(after[device] - before[device])
            .as("device " + device)
            .isPositive()
            .isLessThan(after[SLOW] - before[SLOW]);
      }
    }
  }

  private static double[] costs(LivePage page) {
    double[] costs = new double[DEVICES];
    for (int device = 0; device < DEVICES; device++) {
      costs[device] = page.device(device, "native_call_seconds_total");
    }
    return costs;
  }

  private static double calls(LivePage page, String function) {
    return page.value(DURATION + "_count", label(function)).orElse(0);
  }

  private static double results(LivePage page, String function, String word) {
    return page.value(RESULTS, label(function), "result=\"" + word + "\"").orElse(0);
  }

  private static String label(String function) {
    return "call=\"" + function + "\"";
  }

  private double simulated(String function) throws IOException {
    String line =
        node.command("calls").stream()
            .filter(known -> known.startsWith(function + "="))
            .findFirst()
            .orElseThrow();
    return Double.parseDouble(line.substring(line.indexOf('=') + 1));
  }
}
