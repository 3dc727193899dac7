package io.millwright.drivers.host;

import static io.millwright.protocol.vocabulary.Metric.NODE_PCIE_ERRORS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.NODE_PCIE_LINK_GENERATION;
import static io.millwright.protocol.vocabulary.Metric.NODE_PCIE_LINK_REDUCED;
import static io.millwright.protocol.vocabulary.Metric.NODE_PCIE_LINK_WIDTH_LANES;
import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.Source.Outcome;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Reading;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@link PcieSource} on crafted trees: the files are those that the kernel's documents name, the
 * values are invented.
 */
class PcieSourceTest {
  private static final String ADAPTER = "0000:18:00.0";
  private static final String GPU = "0000:1b:00.0";
  private static final String NEURON = "0000:a0:00.0";
  private static final Reading PARSE = new Reading.Unavailable(Fault.PARSE);

  private Tree tree = new Tree(Path.of("/"));
  private PcieSource source = new PcieSource("n1", Path.of("/nonexistent"), CallWatch.NONE);

  @BeforeEach
  void craft(@TempDir Path root) {
    tree = new Tree(root);
    device(ADAPTER, "0x020700", "0x15b3", "0x1021");
    tree.write(at(ADAPTER) + "infiniband/mlx5_0/x", "");
    device(GPU, "0x030200", "0x10de", "0x2901");
    device(NEURON, "0x088000", "0x1d0f", "0x7364");
    device("0000:00:03.0", "0x030000", "0x1d0f", "0x1111"); // a cloud's display
    device("0000:00:04.0", "0x010802", "0x1d0f", "0x8061"); // its disk
    device("0000:00:05.0", "0x020000", "0x8086", "0x1563"); // no fabric adapter
    source = new PcieSource("n1", root, CallWatch.NONE);
  }

  @AfterEach
  void close() {
    source.close();
  }

  private static String at(String device) {
    return "sys/bus/pci/devices/" + device + "/";
  }

  private void device(String name, String type, String vendor, String id) {
    tree.write(at(name) + "class", type + "\n");
    tree.write(at(name) + "vendor", vendor + "\n");
    tree.write(at(name) + "device", id + "\n");
    tree.write(at(name) + "current_link_speed", "16.0 GT/s PCIe\n");
    tree.write(at(name) + "max_link_speed", "32.0 GT/s PCIe\n");
    tree.write(at(name) + "current_link_width", "8\n");
    tree.write(at(name) + "max_link_width", "16\n");
    tree.write(at(name) + "aer_dev_correctable", "RxErr 3\nBadTLP 4\nTOTAL_ERR_COR 7\n");
    tree.write(at(name) + "aer_dev_fatal", "DLP 0\nTOTAL_ERR_FATAL 0\n");
    tree.write(at(name) + "aer_dev_nonfatal", "DLP 0\nTOTAL_ERR_NONFATAL 2\n");
  }

  private Shown read() {
    assertThat(source.read(Cadence.SLOW, 1)).isEqualTo(Outcome.ANSWERED);
    return Shown.of(source.readings());
  }

  @Test
  void readsLinkAndErrors() {
    Shown shown = read();
    assertThat(shown.value(NODE_PCIE_LINK_GENERATION, ADAPTER, "current")).isEqualTo(4);
    assertThat(shown.value(NODE_PCIE_LINK_GENERATION, ADAPTER, "max")).isEqualTo(5);
    assertThat(shown.value(NODE_PCIE_LINK_WIDTH_LANES, ADAPTER, "current")).isEqualTo(8);
    assertThat(shown.value(NODE_PCIE_LINK_WIDTH_LANES, ADAPTER, "max")).isEqualTo(16);
    assertThat(shown.value(NODE_PCIE_ERRORS_TOTAL, ADAPTER, "correctable")).isEqualTo(7);
    assertThat(shown.value(NODE_PCIE_ERRORS_TOTAL, ADAPTER, "non_fatal")).isEqualTo(2);
    assertThat(shown.value(NODE_PCIE_ERRORS_TOTAL, ADAPTER, "fatal")).isEqualTo(0);
  }

  /** A wide card in a narrow slot is as it was built; a link says nothing without its other end. */
  @Test
  void aLinkIsReducedAgainstWhatBothEndsCan() {
    assertThat(read().labels(NODE_PCIE_LINK_REDUCED)).isEmpty();
    tree.write("sys/bus/pci/devices/max_link_width", "8\n"); // of the port above
    tree.write("sys/bus/pci/devices/max_link_speed", "16.0 GT/s PCIe\n");
    Shown narrow = again();
    assertThat(narrow.value(NODE_PCIE_LINK_REDUCED, ADAPTER, "width")).isZero();
    assertThat(narrow.value(NODE_PCIE_LINK_REDUCED, ADAPTER, "speed")).isZero();
    tree.write("sys/bus/pci/devices/max_link_width", "16\n");
    tree.write("sys/bus/pci/devices/max_link_speed", "64.0 GT/s PCIe\n");
    Shown wide = again();
    assertThat(wide.value(NODE_PCIE_LINK_REDUCED, ADAPTER, "width")).isEqualTo(1);
    assertThat(wide.value(NODE_PCIE_LINK_REDUCED, ADAPTER, "speed")).isEqualTo(1);
    assertThat(wide.has(NODE_PCIE_LINK_REDUCED, GPU, "width")).isTrue();
    assertThat(wide.has(NODE_PCIE_LINK_REDUCED, GPU, "speed")).as("it rests slowly").isFalse();
  }

  private Shown again() {
    source.close();
    source = new PcieSource("n1", tree.root(), CallWatch.NONE);
    return read();
  }

  @Test
  void showsFabricAdaptersAndAcceleratorsOnly() {
    assertThat(read().labels(NODE_PCIE_LINK_GENERATION))
        .containsOnly(
            List.of(ADAPTER, "current"),
            List.of(ADAPTER, "max"),
            List.of(GPU, "current"),
            List.of(GPU, "max"),
            List.of(NEURON, "current"),
            List.of(NEURON, "max"));
  }

  @Test
  void leavesOutAGpuThatItsDriverTellsOf() {
    tree.write("sys/bus/pci/drivers/nvidia/x", "");
    tree.link(at(GPU) + "driver", tree.root().resolve("sys/bus/pci/drivers/nvidia"));
    assertThat(read().has(NODE_PCIE_LINK_GENERATION, GPU, "current")).isFalse();
  }

  @Test
  void leavesOutVirtualFunctions() {
    tree.link(at(ADAPTER) + "physfn", tree.root().resolve("sys/bus/pci/devices/0000:17:00.0"));
    assertThat(read().has(NODE_PCIE_LINK_GENERATION, ADAPTER, "current")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"2.5 GT/s,1", "5 GT/s,2", "8.0 GT/s PCIe,3", "64.0 GT/s PCIe,6"})
  void knowsTheSpellingsOfAllKernels(String speed, int generation) {
    tree.write(at(ADAPTER) + "current_link_speed", speed + "\n");
    assertThat(read().value(NODE_PCIE_LINK_GENERATION, ADAPTER, "current")).isEqualTo(generation);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Unknown", "Unknown speed"})
  void hasNoSpeedWhereTheDeviceDoesNotTell(String speed) {
    tree.write(at(ADAPTER) + "current_link_speed", speed + "\n");
    assertThat(read().reading(NODE_PCIE_LINK_GENERATION, ADAPTER, "current"))
        .isEqualTo(new Reading.Unsupported());
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "63", "255"})
  void hasNoWidthWhereTheDeviceDoesNotTell(String width) {
    tree.write(at(ADAPTER) + "current_link_width", width + "\n");
    assertThat(read().reading(NODE_PCIE_LINK_WIDTH_LANES, ADAPTER, "current"))
        .isEqualTo(new Reading.Unsupported());
  }

  @Test
  void doesNotTakeHalfAFileForANumber() {
    tree.write(at(ADAPTER) + "aer_dev_correctable", "RxErr 3\nTOTAL_ERR");
    tree.write(at(ADAPTER) + "current_link_speed", "16.0 G");
    tree.write(at(ADAPTER) + "current_link_width", "");
    Shown shown = read();
    assertThat(shown.reading(NODE_PCIE_ERRORS_TOTAL, ADAPTER, "correctable")).isEqualTo(PARSE);
    assertThat(shown.reading(NODE_PCIE_LINK_GENERATION, ADAPTER, "current")).isEqualTo(PARSE);
    assertThat(shown.reading(NODE_PCIE_LINK_WIDTH_LANES, ADAPTER, "current")).isEqualTo(PARSE);
    assertThat(shown.value(NODE_PCIE_LINK_GENERATION, NEURON, "current")).isEqualTo(4);
  }

  @Test
  void forgetsADeviceThatFellOffTheBus() {
    read();
    for (String file :
        List.of(
            "class",
            "vendor",
            "device",
            "current_link_speed",
            "max_link_speed",
            "current_link_width",
            "max_link_width",
            "aer_dev_correctable",
            "aer_dev_fatal",
            "aer_dev_nonfatal")) {
      tree.delete(at(NEURON) + file);
    }
    assertThat(read().reading(NODE_PCIE_LINK_GENERATION, NEURON, "current"))
        .isEqualTo(new Reading.Unavailable(Fault.NOT_FOUND));
    assertThat(read().has(NODE_PCIE_LINK_GENERATION, NEURON, "current")).isFalse();
  }

  @Test
  void survivesFilesOfRandomBytes() {
    List<String> files =
        List.of("current_link_speed", "max_link_width", "aer_dev_correctable", "class", "vendor");
    String likely = "0123456789 .GT/sPCIe\nTOTAL_ERR_COR x";
    for (long seed = 20_261_122; seed < 20_261_122 + 300; seed++) {
      Random random = new Random(seed);
      byte[] bytes = new byte[random.nextInt(60)];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] =
            (byte)
                (random.nextInt(8) == 0
                    ? random.nextInt(256)
                    : likely.charAt(random.nextInt(likely.length())));
      }
      tree.write(at(NEURON) + files.get(random.nextInt(files.size())), bytes);
      assertThat(read().value(NODE_PCIE_LINK_WIDTH_LANES, ADAPTER, "max"))
          .as("seed %d", seed)
          .isEqualTo(16);
    }
  }
}
