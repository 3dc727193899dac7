package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The program of the demo's job: what it does to the hardware, and that nothing of that stays. */
class LoadProgramTest {
  private static final Path PROGRAM =
      WatchedNode.builtLibrary().resolveSibling("millwright-load").toAbsolutePath();

  /** Of its own UUIDs: nodes of other tests lie beneath the same directory. */
  private static WatchedNode node() throws IOException {
    int seed = new Random().nextInt(1_000_000_000);
    System.out.println("seed " + seed);
    return WatchedNode.start("profile b200", "seed " + seed, "load 0", "set all tau_power_ms 50")
        .awaitUp(8);
  }

  private static Process work(SimulatedNode node, String seconds) throws IOException {
    String nodes = node.controlSocket().resolve("../..").normalize().toString();
    ProcessBuilder builder =
        new ProcessBuilder(PROGRAM.toString(), nodes, seconds, "1").redirectErrorStream(true);
    builder
        .environment()
        .put("CUDA_VISIBLE_DEVICES", node.get(4).get("uuid") + "," + node.get(5).get("uuid"));
    return builder.start();
  }

  private static long power(SimulatedNode node, int device) throws IOException {
    return Long.parseLong(node.get(device, "power_mw"));
  }

  private static long energy(SimulatedNode node, int device) throws IOException {
    return Long.parseLong(node.get(device, "energy_mj"));
  }

  @Test
  void loadsItsDevicesAloneAndNothingStaysOfAKilledOne() throws Exception {
    try (WatchedNode watched = node()) {
      SimulatedNode node = watched.simulated();
      Process work = work(node, "600");
      AgentProcess.soon().until(() -> power(node, 4) > 990_000 && power(node, 5) > 990_000);
      assertThat(power(node, 3)).isLessThan(150_000);
      assertThat(node.get(5, "processes")).isEqualTo("1");
      work.destroyForcibly().waitFor();
      AgentProcess.soon().until(() -> power(node, 4) < 150_000 && power(node, 5) < 150_000);
      assertThat(node.get(5, "processes")).isEqualTo("0");
    }
  }

  /** Both do the same work at the same time, so that no clock of this machine is in the figures. */
  @Test
  void halfTheLimitIsHalfTheJoules() throws Exception {
    try (WatchedNode watched = node()) {
      SimulatedNode node = watched.simulated();
      node.set(4, "power_limit_mw", 500_000);
      node.command("freeze");
      long limited = energy(node, 4);
      long full = energy(node, 5);
      node.command("unfreeze");
      Process work = work(node, "2");
      assertThat(work.waitFor(60, TimeUnit.SECONDS)).isTrue();
      node.command("freeze");
      String said = new String(work.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(work.exitValue()).as(said).isZero();
      assertThat(said).startsWith("SIMULATED work on 2 GPUs of ").endsWith("SIMULATED work done\n");
      double ratio = (double) (energy(node, 4) - limited) / (energy(node, 5) - full);
      System.out.printf("joules at 500 W to those at 1000 W: %.3f%n", ratio);
      assertThat(ratio).isCloseTo(0.5, within(0.05));
    }
  }
}
