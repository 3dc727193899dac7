package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The agent over a Neuron driver's sysfs tree. Synthetic: a few files of each device, in the forms
 * of neuron.md section 1.1, with invented values.
 */
@SuppressWarnings("NullAway.Init") // set before each test
class NeuronAgentTest {
  private static final String VENDOR = "vendor=\"aws\"";

  @TempDir Path root;
  private SyntheticTree tree;

  @BeforeEach
  void plant() {
    tree = new SyntheticTree(root);
  }

  private List<String> keys(String... more) {
    List<String> words = new ArrayList<>();
    Stream.concat(
            Stream.of(
                "neuron.root=" + root,
                "neuron.call_deadline=200ms",
                "sampling.fast=100ms",
                "sampling.medium=200ms",
                "sampling.slow=400ms"),
            Stream.of(more))
        .forEach(key -> words.addAll(List.of("--set", key)));
    return words;
  }

  /** The agent over this tree and nothing else. */
  private AgentProcess agent(String... more) throws IOException {
    List<String> words =
        new ArrayList<>(
            List.of(
                "agent",
                "run",
                "--listen",
                "127.0.0.1:0",
                "--set",
                "node.name=node1",
                "--set",
                "nvidia.enabled=false",
                "--set",
                "health.kernel_log=",
                "--set",
                "health.directory=" + root.resolve("health")));
    words.addAll(keys(more));
    return AgentProcess.start(words.toArray(String[]::new));
  }

  private static double value(LivePage page, int device, String family, String... labels) {
    return page.device(device, family, labels);
  }

  @Test
  void showsTheDevicesAndTheirPlaceAndThatTheyAreSimulated() throws Exception {
    tree.add(0, "00000000000000a0");
    tree.add(1, "00000000000000a1");
    tree.write("millwright-simulated", "");
    tree.write("sys/class/neuron_device/node_id", "1\n");
    tree.write("sys/class/neuron_device/node_cnt", "4\n");
    try (AgentProcess agent = agent("neuron.expected_accelerators=2")) {
      LivePage page =
          agent.awaitPage(seen ->
              seen.up(2)
                  && seen.value("millwright_node_ultraserver_info").isPresent()
                  && seen.values("millwright_node_accelerators", VENDOR, "model=\"Trainium3\"")
                      .equals(List.of(2.0)));
      assertThat(value(page, 1, "memory_used_bytes")).isEqualTo(2000);
      assertThat(value(page, 1, "power_utilization_ratio", "stat=\"max\"")).isEqualTo(0.035);
      assertThat(value(page, 0, "core_executions_total", "core=\"1\"", "status=\"success\""))
          .isEqualTo(5);
      assertThat(value(page, 0, "info", "simulated=\"true\"", "uuid=\"neuron-00000000000000a0\""))
          .isEqualTo(1);
      assertThat(page.values("millwright_node_accelerators_expected", VENDOR)).containsExactly(2.0);
      assertThat(page.values("millwright_agent_probe_up", "probe=\"neuron\"")).containsExactly(1.0);
      agent.awaitLog("2 accelerators");
    }
  }

  @Test
  void losesADeviceAndFindsItAgainUnderAnotherNumber() throws Exception {
    tree.add(0, "00000000000000a0");
    tree.add(1, "00000000000000a1");
    try (AgentProcess agent = agent("neuron.expected_accelerators=2")) {
      agent.awaitPage(page -> page.up(2));
      tree.remove(tree.device(1));
      LivePage lost =
          agent.awaitPage(page ->
              value(page, 1, "up") == 0
                  && page.values("millwright_node_accelerators", VENDOR).equals(List.of(1.0)));
      assertThat(value(lost, 0, "up")).isEqualTo(1);
      assertThat(value(lost, 1, "memory_used_bytes")).isNaN();
      agent.awaitPage(page -> value(page, 1, "health_state", "state=\"failed\"") == 1);
      tree.add(12, "00000000000000a1");
      LivePage found = agent.awaitPage(page -> page.up(2));
      assertThat(value(found, 12, "info", "uuid=\"neuron-00000000000000a1\"")).isEqualTo(1);
      assertThat(value(found, 12, "memory_used_bytes")).isEqualTo(2000);
      assertThat(found.values("millwright_accelerator_up")).hasSize(2);
    }
  }

  @Test
  void waitsForADriverThatIsLoadedLateAndForOneThatIsReloaded() throws Exception {
    try (AgentProcess agent = agent()) {
      agent.awaitLog("no accelerator found: host only");
      tree.add(0, "00000000000000a0");
      agent.awaitPage(page -> page.up(1));
      tree.remove(root.resolve("sys"));
      agent.awaitPage(page ->
          value(page, 0, "up") == 0
              && page.values("millwright_agent_probe_up", "probe=\"neuron\"").equals(List.of(0.0)));
      tree.add(0, "00000000000000a0");
      agent.awaitPage(page ->
          page.up(1)
              && page.values("millwright_agent_probe_up", "probe=\"neuron\"").equals(List.of(1.0)));
    }
  }

  /** Its register does not answer when it comes back: it is waited for, and is no other device. */
  @Test
  void aSerialNumberThatCannotBeReadForAMomentMakesNoOtherDevice() throws Exception {
    tree.add(0, "00000000000000a0");
    tree.add(1, "00000000000000a1");
    try (AgentProcess agent = agent()) {
      agent.awaitPage(page -> page.up(2));
      tree.remove(tree.device(1));
      agent.awaitPage(page -> value(page, 1, "up") == 0);
      tree.add(1, "");
      agent.awaitPage(
          page -> page.values("millwright_node_accelerators", VENDOR).equals(List.of(2.0)));
      LivePage waiting = agent.awaitPage(page -> value(page, 1, "up") == 0);
      assertThat(waiting.values("millwright_accelerator_up")).hasSize(2);
      tree.file(1, "info/serial_number", "00000000000000a1\n");
      LivePage found = agent.awaitPage(page -> page.up(2));
      assertThat(found.values("millwright_accelerator_up")).hasSize(2);
      assertThat(found.text()).doesNotContain("neuron-node1-1");
    }
  }

  /**
   * After three tries it is known by its place, and by its own name as soon as that can be read.
   */
  @Test
  void aDeviceWithoutASerialNumberIsItsPlaceUntilItHasOne() throws Exception {
    tree.add(0, "");
    try (AgentProcess agent = agent()) {
      LivePage nameless = agent.awaitPage(page -> page.up(1));
      assertThat(value(nameless, 0, "up", "uuid=\"neuron-node1-0\"")).isEqualTo(1);
      tree.file(0, "info/serial_number", "00000000000000a0\n");
      tree.file(0, "stats/hardware/sram_ecc_uncorrected", "3\n");
      LivePage named =
          agent.awaitPage(page ->
              value(page, 0, "ecc_errors_total", "uuid=\"neuron-00000000000000a0\"", "sram") == 3);
      assertThat(named.values("millwright_accelerator_up")).hasSize(1);
      assertThat(named.values("millwright_agent_probe_up", "probe=\"neuron\""))
          .containsExactly(1.0);
    }
  }

  /** The module is there again and shows no device yet: that is a driver, and no lost devices. */
  @Test
  void aDriverThatShowsNoneOfItsDevicesIsGone() throws Exception {
    tree.add(0, "00000000000000a0");
    tree.add(1, "00000000000000a1");
    try (AgentProcess agent = agent()) {
      agent.awaitPage(page -> page.up(2));
      tree.remove(root.resolve("sys/devices"));
      agent.awaitPage(page ->
          value(page, 0, "up") == 0
              && page.values("millwright_node_accelerators", VENDOR).isEmpty()
              && page.values("millwright_agent_probe_up", "probe=\"neuron\"").equals(List.of(0.0)));
      tree.add(0, "00000000000000a0");
      tree.add(1, "00000000000000a1");
      agent.awaitPage(page ->
          page.up(2)
              && page.values("millwright_agent_probe_up", "probe=\"neuron\"").equals(List.of(1.0)));
    }
  }

  /** A pipe that nobody writes to stands for a register that does not answer. */
  @Test
  void aFileThatHangsHoldsUpItsDeviceAlone() throws Exception {
    tree.add(0, "00000000000000a0");
    tree.add(1, "00000000000000a1");
    try (AgentProcess agent = agent()) {
      agent.awaitPage(page -> page.up(2));
      Path file = tree.device(1).resolve("stats/hardware/mem_ecc_uncorrected");
      Path pipe = file.resolveSibling("pipe");
      assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
      Files.move(pipe, file, StandardCopyOption.REPLACE_EXISTING);
      LivePage hung =
          agent.awaitPage(page ->
              value(
                      page,
                      1,
                      "native_call_stuck_seconds",
                      "call=\"read stats/hardware/mem_ecc_uncorrected\"")
                  > 0.5);
      assertThat(value(hung, 1, "up")).isZero();
      assertThat(value(hung, 0, "up")).isEqualTo(1);
      try (FileChannel release = FileChannel.open(file, StandardOpenOption.WRITE)) {
        assertThat(release.isOpen()).isTrue();
        Files.delete(file);
      }
      tree.file(1, "stats/hardware/mem_ecc_uncorrected", "0\n");
      agent.awaitPage(page -> page.up(2));
    }
  }

  @Test
  void bothVendorsOnOneNodeDoNotDisturbEachOther() throws Exception {
    tree.add(0, "00000000000000a0");
    SimulatedNode nvidia = AgentProcess.simulated("profile b200");
    try (AgentProcess agent = AgentProcess.up(nvidia, keys().toArray(String[]::new))) {
      LivePage page = agent.awaitPage(seen -> seen.up(9));
      assertThat(page.values("millwright_node_accelerators", VENDOR)).containsExactly(1.0);
      assertThat(page.values("millwright_node_accelerators", "vendor=\"nvidia\""))
          .containsExactly(8.0);
      tree.remove(root.resolve("sys"));
      agent.awaitPage(seen ->
          seen.values("millwright_accelerator_up", VENDOR).equals(List.of(0.0)) && seen.up(8));
      tree.add(0, "00000000000000a0");
      agent.awaitPage(seen -> seen.up(9));
      nvidia.command("driver unload");
      agent.awaitPage(seen ->
          seen.up(1) && seen.values("millwright_accelerator_up", VENDOR).equals(List.of(1.0)));
    }
  }
}
