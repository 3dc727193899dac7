package io.millwright.drivers.neuron;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.Metric;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of a tree written by hand: no driver of Neuron, whose files can be waited for. */
class HardwareErrorsTest {
  private static final String FILE = "stats/hardware/health_status/hw_error_event";

  @TempDir Path root;
  private NeuronTree tree;

  @BeforeEach
  void twoDevices() throws IOException {
    tree = new NeuronTree(root, "n", Metric.Tier.BASE);
    count(0, "0\n");
    count(10, "4\n");
  }

  private Path file(int number) {
    return root.resolve("sys/devices/virtual/neuron_device/neuron" + number).resolve(FILE);
  }

  private void count(int number, String text) throws IOException {
    Files.createDirectories(file(number).getParent());
    Files.writeString(file(number), text);
  }

  @Test
  void tellsTheDeviceWhoseCountIsAnother() throws IOException {
    try (HardwareErrors errors = new HardwareErrors(tree)) {
      assertThat(errors.look()).isEmpty();
      assertThat(errors.watching()).isEqualTo(2);
      assertThat(errors.look()).isEmpty();
      count(10, "5\n");
      assertThat(errors.look()).containsExactly(10);
      assertThat(errors.look()).isEmpty();
    }
  }

  @Test
  void aFileThatIsCutForAMomentHasNotChanged() throws IOException {
    try (HardwareErrors errors = new HardwareErrors(tree)) {
      errors.look();
      count(0, "");
      assertThat(errors.look()).isEmpty();
      count(0, "0\n");
      assertThat(errors.look()).isEmpty();
    }
  }

  @Test
  void aDeviceThatLeftIsLetGoOfAndOneThatCameIsFound() throws IOException {
    try (HardwareErrors errors = new HardwareErrors(tree)) {
      errors.look();
      Path device = root.resolve("sys/devices/virtual/neuron_device/neuron0");
      Files.move(device, root.resolve("gone"));
      errors.look();
      assertThat(errors.watching()).isEqualTo(1);
      count(3, "9\n");
      assertThat(errors.look()).isEmpty();
      assertThat(errors.watching()).isEqualTo(2);
    }
  }

  /** What poll says of a plain file, and of none: the wait ends, and nothing is taken for news. */
  @Test
  void aWaitForFilesWithoutEventsEnds() throws IOException {
    try (HardwareErrors errors = new HardwareErrors(tree)) {
      assertThat(errors.await(1)).isEqualTo(HardwareErrors.Wait.QUIET);
      errors.look();
      errors.await(1);
      assertThat(errors.look()).isEmpty();
    }
  }

  /** A link or a device in the file's place is not opened. */
  @Test
  void onlyAPlainFileIsOpened() throws IOException {
    Files.delete(file(0));
    Files.createSymbolicLink(file(0), Path.of("/dev/null"));
    try (HardwareErrors errors = new HardwareErrors(tree)) {
      errors.look();
      assertThat(errors.watching()).isEqualTo(1);
    }
  }
}
