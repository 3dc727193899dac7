package io.millwright.agent.launcher.root;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millwright.agent.launcher.DeviceClass;
import io.millwright.agent.launcher.Layout;
import io.millwright.agent.launcher.NeuronHost;
import io.millwright.protocol.vocabulary.job.Assignment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Which file is which device. The nodes are links' targets of the machine's own: 1:3 is /dev/null,
 * which a table of the test calls NVIDIA's, as nobody can make nodes everywhere; the real rule is
 * tried under a kernel of its own by the module of systemd.
 */
class DeviceNodesTest {
  private static final Assignment ONE = gpus("GPU-a");

  @TempDir Path directory;

  @BeforeEach
  void driver() throws IOException {
    Path gpu = Files.createDirectories(directory.resolve("gpus/0000:3b:00.0"));
    Files.writeString(
        gpu.resolve("information"),
        "Model: \t\t NVIDIA B200\nIRQ:   \t\t 16\nGPU UUID: \t GPU-a\nDevice Minor: \t 0\n");
    table("  1 nvidia\n");
  }

  private void table(String characters) throws IOException {
    Files.writeString(
        directory.resolve("devices"),
        "Character devices:\n" + characters + "\nBlock devices:\n195 nvidia\n");
  }

  private static Assignment gpus(String... devices) {
    return Assignments.of("job", Optional.empty(), List.of(devices), "/bin/true");
  }

  private DeviceNodes nodes(Path dev, DeviceClass... allowed) {
    return new DeviceNodes(
        new Layout.HostFiles(
            directory.resolve("devices"),
            dev,
            directory.resolve("gpus"),
            NeuronHost.under(directory),
            directory,
            directory.resolve("sys")),
        Set.of(allowed));
  }

  private static List<Path> looked(DeviceNodes nodes, Assignment assignment) throws Exception {
    return nodes.of(assignment, nodes.granted(assignment));
  }

  @Test
  void nothingAskedIsNothingGiven() throws Exception {
    assertThat(looked(nodes(directory), gpus())).isEmpty();
  }

  @Test
  void aDeviceThatTheDriverDoesNotHaveIsRefused() {
    assertThatThrownBy(() -> looked(nodes(directory, DeviceClass.NVIDIA), gpus("GPU-b")))
        .hasMessageContaining("'GPU-b' is refused")
        .hasMessageContaining("GPU-a");
  }

  @Test
  void aClassThatThePolicyDoesNotNameIsRefused() {
    assertThatThrownBy(() -> looked(nodes(directory, DeviceClass.NEURON), ONE))
        .hasMessageContaining("device_classes [neuron]");
  }

  @Test
  void aNodeThatIsNotThereIsRefused() {
    assertThatThrownBy(() -> looked(nodes(directory, DeviceClass.NVIDIA), ONE))
        .hasMessageContaining("there is no node " + directory.resolve("nvidia0"));
  }

  private void neuron(int number, String serial) throws IOException {
    Path device =
        Files.createDirectories(
            directory.resolve("sys/devices/virtual/neuron_device/neuron" + number));
    Files.createDirectories(device.resolve("info"));
    Files.writeString(device.resolve("info/serial_number"), serial + "\n");
    Files.createDirectories(device.resolve("neuron_core0"));
  }

  /** As far as the number of its node: nobody can make such a node everywhere. */
  @Test
  void aNeuronDeviceIsFoundByItsSerialNumber() throws IOException {
    neuron(3, "00000000000000a3");
    neuron(11, "00000000000000ab");
    Assignment wanted = Assignments.ofNeuron("job", Map.of(), "neuron-00000000000000ab");
    assertThatThrownBy(() -> looked(nodes(directory, DeviceClass.NEURON), wanted))
        .hasMessageContaining("there is no node " + directory.resolve("neuron11"));
    assertThatThrownBy(() -> looked(nodes(directory, DeviceClass.NVIDIA), wanted))
        .hasMessageContaining("device_classes [nvidia]");
    Files.createSymbolicLink(directory.resolve("neuron11"), Path.of("/dev/null"));
    assertThatThrownBy(() -> looked(nodes(directory, DeviceClass.NEURON), wanted))
        .hasMessageContaining("is no character device of neuron");
    Assignment other = Assignments.ofNeuron("job", Map.of(), "neuron-n-3");
    assertThatThrownBy(() -> looked(nodes(directory, DeviceClass.NEURON), other))
        .hasMessageContaining("'neuron-n-3' is refused")
        .hasMessageContaining("neuron-00000000000000a3");
  }

  private void node(int number, String processors) throws IOException {
    Path node = Files.createDirectories(directory.resolve("sys/devices/system/node/node" + number));
    Files.writeString(node.resolve("cpulist"), processors + "\n");
  }

  private void function(String place, String node) throws IOException {
    Path function = Files.createDirectories(directory.resolve("sys").resolve(place));
    Files.writeString(function.resolve("numa_node"), node + "\n");
  }

  private Near near(Assignment assignment) throws Exception {
    DeviceNodes nodes = nodes(directory);
    return nodes.near(assignment, nodes.granted(assignment));
  }

  @Test
  void whatIsNearIsThatOfItsNumaNode() throws Exception {
    assertThat(near(ONE)).isEqualTo(Near.UNKNOWN);
    node(1, "8-11,24");
    function("bus/pci/devices/0000:3b:00.0", "1");
    assertThat(near(ONE)).isEqualTo(new Near(List.of(8, 9, 10, 11, 24), List.of(1)));
    assertThat(near(gpus("GPU-b")).known()).isFalse();
    function("bus/pci/devices/0000:3b:00.0", "-1"); // a machine that does not say
    assertThat(near(ONE).known()).isFalse();
    function("bus/pci/devices/0000:3b:00.0", "1");
    node(1, ""); // memory without processors
    assertThat(near(ONE).known()).isFalse();
  }

  /** One that is near nothing leaves the run everywhere. */
  @Test
  void devicesOfSeveralNodesAreNearToAllOfThem() throws Exception {
    neuron(0, "00000000000000a0");
    neuron(1, "00000000000000a1");
    node(0, "0-1");
    node(1, "2-3");
    Assignment both =
        Assignments.ofNeuron("job", Map.of(), "neuron-00000000000000a0", "neuron-00000000000000a1");
    function("devices/virtual/neuron_device/neuron0", "0");
    assertThat(near(both).known()).isFalse();
    function("devices/virtual/neuron_device/neuron1/device", "1");
    assertThat(near(both)).isEqualTo(new Near(List.of(0, 1, 2, 3), List.of(0, 1)));
  }

  @Test
  void aFileAndALinkAreNoNodes() throws IOException {
    Files.writeString(directory.resolve("nvidia0"), "");
    assertThatThrownBy(() -> looked(nodes(directory, DeviceClass.NVIDIA), ONE))
        .hasMessageContaining("is no character device of nvidia");
    Files.delete(directory.resolve("nvidia0"));
    Files.createSymbolicLink(directory.resolve("nvidia0"), Path.of("/dev/null"));
    assertThatThrownBy(() -> looked(nodes(directory, DeviceClass.NVIDIA), ONE))
        .hasMessageContaining("is no character device of nvidia");
  }

  @Test
  void majorsAreSplitAsTheCLibraryDoes() {
    assertThat(DeviceNodes.major(0x103)).isEqualTo(1);
    assertThat(DeviceNodes.major((195L << 8) | 255)).isEqualTo(195);
    assertThat(DeviceNodes.major((0x1234L >> 12 << 44) | (0x234L << 8))).isEqualTo(0x1234);
  }
}
