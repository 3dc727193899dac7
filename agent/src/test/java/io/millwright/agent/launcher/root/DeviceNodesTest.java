package io.millwright.agent.launcher.root;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millwright.agent.launcher.ContainerHost;
import io.millwright.agent.launcher.DeviceClass;
import io.millwright.agent.launcher.Layout;
import io.millwright.agent.launcher.NeuronHost;
import io.millwright.agent.launcher.verb.Verb;
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
            directory.resolve("sys"),
            ContainerHost.under(directory)),
        Set.of(allowed));
  }

  private static List<Path> looked(DeviceNodes nodes, Assignment assignment) throws Exception {
    return looked(nodes, assignment, List.of());
  }

  private static List<Path> looked(
      DeviceNodes nodes, Assignment assignment, List<Verb.Instance> told) throws Exception {
    return nodes.of(assignment, nodes.granted(assignment), nodes.instances(assignment, told));
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

  private static final List<Verb.Instance> TOLD =
      List.of(new Verb.Instance("MIG-a", "GPU-a", "gi1"));

  private void capability(String place, int minor) throws IOException {
    Path directory =
        Files.createDirectories(this.directory.resolve("capabilities/gpu0/mig/" + place));
    Files.writeString(
        directory.resolve("access"),
        "DeviceFileMinor: %d\nDeviceFileMode: 256\nDeviceFileModify: 1\n".formatted(minor));
  }

  /** A node that nobody needs to have a driver for: only its number is looked at. */
  private boolean made(String name, int major, int minor) throws Exception {
    Path node = directory.resolve(name);
    Files.createDirectories(node.resolveSibling("."));
    Process made =
        new ProcessBuilder(
                "mknod", node.toString(), "c", Integer.toString(major), Integer.toString(minor))
            .redirectErrorStream(true)
            .start();
    made.getInputStream().readAllBytes();
    return made.waitFor() == 0;
  }

  /** Its two capabilities, the device's own node, and what every program opens. */
  @Test
  void aMigInstanceHasItsOwnNodesAndThatOfItsGpu() throws Exception {
    capability("gi1", 30);
    capability("gi1/ci0", 31);
    capability("gi2", 39);
    capability("gi2/ci0", 40);
    table("195 nvidia\n195 nvidiactl\n237 nvidia-caps\n");
    DeviceNodes nodes = nodes(directory, DeviceClass.NVIDIA);
    Assignment wanted = gpus("MIG-a");
    assertThatThrownBy(() -> looked(nodes, wanted, TOLD))
        .hasMessageContaining("there is no node " + directory.resolve("nvidia-caps/nvidia-cap30"));
    assumeTrue(made("nvidia-caps/nvidia-cap30", 237, 30), "only root may make nodes");
    assertThatThrownBy(() -> looked(nodes, wanted, TOLD))
        .hasMessageContaining("there is no node " + directory.resolve("nvidia-caps/nvidia-cap31"));
    made("nvidia-caps/nvidia-cap31", 237, 99);
    assertThatThrownBy(() -> looked(nodes, wanted, TOLD))
        .hasMessageContaining("it is not number 31 of nvidia-caps");
    Files.delete(directory.resolve("nvidia-caps/nvidia-cap31"));
    made("nvidia-caps/nvidia-cap31", 195, 31);
    assertThatThrownBy(() -> looked(nodes, wanted, TOLD))
        .hasMessageContaining("it is not number 31 of nvidia-caps");
    Files.delete(directory.resolve("nvidia-caps/nvidia-cap31"));
    made("nvidia-caps/nvidia-cap31", 237, 31);
    assertThatThrownBy(() -> looked(nodes, wanted, TOLD))
        .hasMessageContaining("there is no node " + directory.resolve("nvidia0"));
    made("nvidia0", 195, 0);
    made("nvidiactl", 195, 255);
    assertThat(looked(nodes, wanted, TOLD))
        .containsExactlyInAnyOrder(
            directory.resolve("nvidia-caps/nvidia-cap30"),
            directory.resolve("nvidia-caps/nvidia-cap31"),
            directory.resolve("nvidia0"),
            directory.resolve("nvidiactl"));
  }

  @Test
  void anInstanceIsFoundByThePlaceThatTheAgentTells() throws Exception {
    capability("gi1", 30);
    capability("gi1/ci0", 31);
    capability("gi2", 39);
    DeviceNodes nodes = nodes(directory, DeviceClass.NVIDIA);
    assertThat(nodes.instances(gpus("MIG-a"), TOLD).stream().map(MigInstance::word))
        .containsExactly("gpu0/gi1/ci0");
    assertThatThrownBy(() -> nodes.instances(gpus("MIG-a"), List.of()))
        .hasMessageContaining("does not say of which device it is an instance");
    assertThatThrownBy(() -> nodes.instances(gpus("MIG-b"), TOLD))
        .hasMessageContaining("'MIG-b' is refused");
    assertThatThrownBy(() -> nodes.instances(gpus("MIG-a", "GPU-a"), TOLD))
        .hasMessageContaining("allowed are whole devices, or MIG instances alone");
    assertThatThrownBy(() -> nodes.instances(gpus("MIG-a"), told("GPU-a", "gi2")))
        .hasMessageContaining("has no compute instances at");
    assertThatThrownBy(() -> nodes.instances(gpus("MIG-a"), told("GPU-a", "gi3")))
        .hasMessageContaining("has no compute instances at");
    assertThatThrownBy(() -> nodes.instances(gpus("MIG-a"), told("GPU-b", "gi1")))
        .hasMessageContaining("'GPU-b' is refused");
    capability("gi1/ci1", 32);
    assertThatThrownBy(() -> nodes.instances(gpus("MIG-a"), TOLD))
        .hasMessageContaining("has 2 compute instances at");
    assertThat(
            nodes.instances(gpus("MIG-a"), told("GPU-a", "gi1ci1")).stream().map(MigInstance::word))
        .containsExactly("gpu0/gi1/ci1");
  }

  private static List<Verb.Instance> told(String gpu, String place) {
    return List.of(new Verb.Instance("MIG-a", gpu, place));
  }

  @Test
  void aDividedDeviceIsNotGivenAsAWhole() throws Exception {
    capability("gi1", 30);
    assertThatThrownBy(() -> looked(nodes(directory, DeviceClass.NVIDIA), ONE))
        .hasMessageContaining("'GPU-a' is refused; it is divided (MIG)");
  }

  @Test
  void whatIsNearAnInstanceIsWhatIsNearItsGpu() throws Exception {
    capability("gi1", 30);
    capability("gi1/ci0", 31);
    node(1, "8-11");
    function("bus/pci/devices/0000:3b:00.0", "1");
    DeviceNodes nodes = nodes(directory);
    Assignment wanted = gpus("MIG-a");
    assertThat(nodes.near(wanted, Optional.empty(), nodes.instances(wanted, TOLD)))
        .isEqualTo(new Near(List.of(8, 9, 10, 11), List.of(1)));
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
    return nodes.near(assignment, nodes.granted(assignment), List.of());
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
    assertThat(DeviceNodes.minor((237L << 8) | 30)).isEqualTo(30);
    assertThat(DeviceNodes.minor((237L << 8) | 0x2c | (0x12L << 20))).isEqualTo(0x122c);
    assertThat(DeviceNodes.major((0x1234L >> 12 << 44) | (0x234L << 8))).isEqualTo(0x1234);
  }
}
