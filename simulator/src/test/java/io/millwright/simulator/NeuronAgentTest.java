package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The agent over a Neuron driver's sysfs tree. Synthetic: a few files of each device, in the forms
 * of neuron.md section 1.1, with invented values.
 */
class NeuronAgentTest {
  private static final String VENDOR = "vendor=\"aws\"";

  @TempDir Path root;

  private Path device(int number) {
    return root.resolve("sys/devices/virtual/neuron_device/neuron" + number);
  }

  private void add(int number, String serial) throws IOException {
    write("sys/module/neuron/version", "2.30.2.0\n");
    file(number, "info/serial_number", serial + "\n");
    file(number, "info/architecture/arch_type", "NDv4\n");
    file(number, "info/architecture/instance_type", "Trn3\n");
    file(number, "info/architecture/device_name", "Trainium3\n");
    file(number, "stats/hardware/mem_ecc_uncorrected", "0\n");
    file(number, "stats/hardware/health_status/hw_error_event", "0\n");
    file(number, "stats/power/utilization", "POWER_STATUS_VALID,1789180860,1.50,3.50,2.00\n");
    for (int core = 0; core < 2; core++) {
      String name = "neuron_core" + core + "/stats/";
      file(number, name + "memory_usage/device_mem/total", "1000\n");
      file(number, name + "memory_usage/device_mem/tensors/total", "1000\n");
      file(number, name + "status/success/total", "5\n");
    }
  }

  private void file(int number, String name, String content) throws IOException {
    write(root.relativize(device(number)) + "/" + name, content);
  }

  private void write(String name, String content) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.resolveSibling("."));
    Files.writeString(file, content);
  }

  private void remove(Path from) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
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
    add(0, "00000000000000a0");
    add(1, "00000000000000a1");
    write("millwright-simulated", "");
    write("sys/class/neuron_device/node_id", "1\n");
    write("sys/class/neuron_device/node_cnt", "4\n");
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
    add(0, "00000000000000a0");
    add(1, "00000000000000a1");
    try (AgentProcess agent = agent("neuron.expected_accelerators=2")) {
      agent.awaitPage(page -> page.up(2));
      remove(device(1));
      LivePage lost =
          agent.awaitPage(page ->
              value(page, 1, "up") == 0
                  && page.values("millwright_node_accelerators", VENDOR).equals(List.of(1.0)));
      assertThat(value(lost, 0, "up")).isEqualTo(1);
      assertThat(value(lost, 1, "memory_used_bytes")).isNaN();
      agent.awaitPage(page -> value(page, 1, "health_state", "state=\"failed\"") == 1);
      add(12, "00000000000000a1");
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
      add(0, "00000000000000a0");
      agent.awaitPage(page -> page.up(1));
      remove(root.resolve("sys"));
      agent.awaitPage(page ->
          value(page, 0, "up") == 0
              && page.values("millwright_agent_probe_up", "probe=\"neuron\"").equals(List.of(0.0)));
      add(0, "00000000000000a0");
      agent.awaitPage(page ->
          page.up(1)
              && page.values("millwright_agent_probe_up", "probe=\"neuron\"").equals(List.of(1.0)));
    }
  }

  /** Its register does not answer when it comes back: it is waited for, and is no other device. */
  @Test
  void aSerialNumberThatCannotBeReadForAMomentMakesNoOtherDevice() throws Exception {
    add(0, "00000000000000a0");
    add(1, "00000000000000a1");
    try (AgentProcess agent = agent()) {
      agent.awaitPage(page -> page.up(2));
      remove(device(1));
      agent.awaitPage(page -> value(page, 1, "up") == 0);
      add(1, "");
      agent.awaitPage(
          page -> page.values("millwright_node_accelerators", VENDOR).equals(List.of(2.0)));
      LivePage waiting = agent.awaitPage(page -> value(page, 1, "up") == 0);
      assertThat(waiting.values("millwright_accelerator_up")).hasSize(2);
      file(1, "info/serial_number", "00000000000000a1\n");
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
    add(0, "");
    try (AgentProcess agent = agent()) {
      LivePage nameless = agent.awaitPage(page -> page.up(1));
      assertThat(value(nameless, 0, "up", "uuid=\"neuron-node1-0\"")).isEqualTo(1);
      file(0, "info/serial_number", "00000000000000a0\n");
      file(0, "stats/hardware/sram_ecc_uncorrected", "3\n");
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
    add(0, "00000000000000a0");
    add(1, "00000000000000a1");
    try (AgentProcess agent = agent()) {
      agent.awaitPage(page -> page.up(2));
      remove(root.resolve("sys/devices"));
      agent.awaitPage(page ->
          value(page, 0, "up") == 0
              && page.values("millwright_node_accelerators", VENDOR).isEmpty()
              && page.values("millwright_agent_probe_up", "probe=\"neuron\"").equals(List.of(0.0)));
      add(0, "00000000000000a0");
      add(1, "00000000000000a1");
      agent.awaitPage(page ->
          page.up(2)
              && page.values("millwright_agent_probe_up", "probe=\"neuron\"").equals(List.of(1.0)));
    }
  }

  /** A pipe that nobody writes to stands for a register that does not answer. */
  @Test
  void aFileThatHangsHoldsUpItsDeviceAlone() throws Exception {
    add(0, "00000000000000a0");
    add(1, "00000000000000a1");
    try (AgentProcess agent = agent()) {
      agent.awaitPage(page -> page.up(2));
      Path file = device(1).resolve("stats/hardware/mem_ecc_uncorrected");
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
      file(1, "stats/hardware/mem_ecc_uncorrected", "0\n");
      agent.awaitPage(page -> page.up(2));
    }
  }

  @Test
  void bothVendorsOnOneNodeDoNotDisturbEachOther() throws Exception {
    add(0, "00000000000000a0");
    SimulatedNode nvidia = AgentProcess.simulated("profile b200");
    try (AgentProcess agent = AgentProcess.up(nvidia, keys().toArray(String[]::new))) {
      LivePage page = agent.awaitPage(seen -> seen.up(9));
      assertThat(page.values("millwright_node_accelerators", VENDOR)).containsExactly(1.0);
      assertThat(page.values("millwright_node_accelerators", "vendor=\"nvidia\""))
          .containsExactly(8.0);
      remove(root.resolve("sys"));
      agent.awaitPage(seen ->
          seen.values("millwright_accelerator_up", VENDOR).equals(List.of(0.0)) && seen.up(8));
      add(0, "00000000000000a0");
      agent.awaitPage(seen -> seen.up(9));
      nvidia.command("driver unload");
      agent.awaitPage(seen ->
          seen.up(1) && seen.values("millwright_accelerator_up", VENDOR).equals(List.of(1.0)));
    }
  }
}
