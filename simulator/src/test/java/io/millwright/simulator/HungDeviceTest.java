package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** One hung device of eight, seen by a scraper: the page and the other seven do not notice. */
class HungDeviceTest {
  private static final int DEVICES = 8;
  private static final int HUNG = 3;
  private static final int SCRAPES = 1000;
  private static final Duration PACE = Duration.ofMillis(5);

  /** What a run of scrapes took. */
  private record Latencies(double p50, double p99) {
    static Latencies of(long... nanos) {
      Arrays.sort(nanos);
      return new Latencies(nanos[nanos.length / 2] / 1e6, nanos[nanos.length * 99 / 100] / 1e6);
    }

    @Override
    public String toString() {
      return "p50 %.2f ms, p99 %.2f ms".formatted(p50, p99);
    }
  }

  /** Told of each page. */
  private interface Judge {
    void see(LivePage page);
  }

  @Test
  void holdsUpNeitherThePageNorTheOthersAndComesBack() throws Exception {
    SimulatedNode node = AgentProcess.simulated("profile b200", "load 0.6");
    try (AgentProcess agent =
        AgentProcess.up(
            node, "--set", "sampling.fast=200ms", "--set", "nvidia.call_deadline=500ms")) {
      agent.awaitPage(page -> page.up(DEVICES));
      scrapes(agent, page -> {}); // warms up both sides
      Latencies before = scrapes(agent, page -> assertThat(page.up(DEVICES)).isTrue());

      node.fault(HUNG, "hang");
      agent.awaitPage(page ->
          page.device(HUNG, "up") == 0
              && page.device(HUNG, "native_call_stuck_seconds") > 0.5
              && Double.isNaN(page.device(HUNG, "power_watts")));
      double[] stuck = {0};
      Latencies during =
          scrapes(
              agent,
              page -> {
                onlyTheHungOneIsDown(page);
                double seconds = page.device(HUNG, "native_call_stuck_seconds");
                assertThat(seconds).isGreaterThanOrEqualTo(stuck[0]);
                stuck[0] = seconds;
              });
      System.out.println(
          "%d scrapes before: %s; with device %d hung: %s; stuck at the end %.1f s"
              .formatted(SCRAPES, before, HUNG, during, stuck[0]));
      assertThat(stuck[0]).isGreaterThan(5);

      node.fault(HUNG, "release");
      LivePage back = agent.awaitPage(page -> page.up(DEVICES));
      assertThat(back.device(HUNG, "native_call_stuck_seconds")).isNaN();
      agent.awaitPage(page -> page.device(HUNG, "power_watts") > 0);
      agent.signal("TERM");
      assertThat(agent.exitCode()).isZero();
    }
  }

  private static void onlyTheHungOneIsDown(LivePage page) {
    for (int device = 0; device < DEVICES; device++) {
      assertThat(page.device(device, "up")).isEqualTo(device == HUNG ? 0 : 1);
      if (device != HUNG) {
        assertThat(page.device(device, "power_watts")).as("device " + device).isPositive();
      }
    }
  }

  private static Latencies scrapes(AgentProcess agent, Judge judge) throws Exception {
    long[] nanos = new long[SCRAPES];
    for (int i = 0; i < SCRAPES; i++) {
      long asked = System.nanoTime();
      LivePage page = agent.scrape();
      nanos[i] = System.nanoTime() - asked;
      judge.see(page);
      LockSupport.parkNanos(PACE.toNanos());
    }
    return Latencies.of(nanos);
  }
}
