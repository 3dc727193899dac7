package io.millwright.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.nvml.NvmlDevice;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.simulator.SimulatedNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code nvml-loop} makes the calls that the agent makes, or it is no reference. */
class SameCallsTest {
  private static final Path BUILT = Path.of("..", "simulator", "target", "native");
  private static final int DEVICES = 8;

  /** Once a process, not once a tick. */
  private static final List<String> OPENING =
      List.of(
          "nvmlInit_v2",
          "nvmlDeviceGetCount_v2",
          "nvmlDeviceGetHandleByIndex_v2",
          "nvmlGpmQueryDeviceSupport",
          "nvmlGpmSampleAlloc");

  @ParameterizedTest
  @EnumSource(
      value = Cadence.class,
      names = {"FAST", "MEDIUM"})
  void aTickOfTheLoopIsATickOfTheAgent(Cadence cadence) throws IOException {
    Map<String, Integer> agent = agentTick(cadence);
    assertThat(agent).containsEntry("nvmlDeviceGetFieldValues", DEVICES);
    assertThat(loopTick(cadence)).isEqualTo(agent);
  }

  private static Map<String, Integer> agentTick(Cadence cadence) throws IOException {
    SimulatedNode node = node();
    List<NvmlDevice> devices = ReadingCost.openDevices(node.library().toString(), CallWatch.NONE);
    assertThat(devices).hasSize(DEVICES);
    node.command("calls reset");
    devices.forEach(device -> device.read(cadence, Clock.system().nanos()));
    return calls(node);
  }

  /** The loop's second tick is far away: between the two there is the count of one. */
  private static Map<String, Integer> loopTick(Cadence cadence) throws IOException {
    SimulatedNode node = node();
    Process loop =
        new ProcessBuilder(
                BUILT.resolve("nvml-loop").toString(),
                node.library().toString(),
                "2",
                "600000",
                cadence.name().toLowerCase(Locale.ROOT))
            .start();
    try {
      List<Map<String, Integer>> seen = new ArrayList<>(List.of(Map.of()));
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .ignoreExceptionsInstanceOf(IOException.class)
          .until(() -> {
            seen.add(calls(node));
            return !seen.getLast().isEmpty() && seen.getLast().equals(seen.get(seen.size() - 2));
          });
      return seen.getLast();
    } finally {
      loop.destroyForcibly();
    }
  }

  private static SimulatedNode node() throws IOException {
    return SimulatedNode.create(
        BUILT.resolve("libnvidia-ml.so.1"), Scratch.directory("mw-calls"), List.of());
  }

  private static Map<String, Integer> calls(SimulatedNode node) throws IOException {
    Map<String, Integer> counts = new TreeMap<>();
    for (String line : node.command("calls")) {
      int equals = line.indexOf('=');
      int count = Integer.parseInt(line.substring(equals + 1));
      if (count > 0 && !OPENING.contains(line.substring(0, equals))) {
        counts.put(line.substring(0, equals), count);
      }
    }
    return counts;
  }
}
