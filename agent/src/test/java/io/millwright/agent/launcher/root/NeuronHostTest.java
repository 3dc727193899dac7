package io.millwright.agent.launcher.root;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.launcher.NeuronGrant;
import io.millwright.agent.launcher.NeuronHost;
import io.millwright.protocol.vocabulary.job.Assignment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which cores a run sees, over trees that are written here and were read from no driver. */
class NeuronHostTest {
  @TempDir Path root;

  private void devices(int count, int cores, String family) throws IOException {
    for (int i = 0; i < count; i++) {
      Path device = root.resolve("sys/devices/virtual/neuron_device/neuron" + i);
      Files.createDirectories(device.resolve("info/architecture"));
      Files.writeString(device.resolve("info/serial_number"), serial(i) + "\n");
      Files.writeString(device.resolve("info/architecture/instance_type"), family + "\n");
      for (int core = 0; core < cores; core++) {
        Files.createDirectories(device.resolve("neuron_core" + core));
      }
    }
  }

  private static String serial(int number) {
    return "%016x".formatted(0xa0 + number);
  }

  private void setting(String text) throws IOException {
    Path file = root.resolve("opt/aws/neuron/logical_nc_config");
    Files.createDirectories(root.resolve("opt/aws/neuron"));
    Files.writeString(file, text);
  }

  private NeuronGrant grant(Map<String, String> env, int... numbers) {
    Assignment wanted =
        Assignments.ofNeuron(
            "job",
            env,
            IntStream.of(numbers).mapToObj(i -> "neuron-" + serial(i)).toArray(String[]::new));
    return NeuronHost.under(root).grant(wanted);
  }

  private static NeuronGrant given(List<Integer> numbers, String cores, int coresPerLogical) {
    return new NeuronGrant.Given(numbers, cores, coresPerLogical);
  }

  @Test
  void twoPhysicalCoresAreOneLogicalOnTrainium3() throws IOException {
    devices(16, 8, "Trn3");
    assertThat(grant(Map.of(), 0)).isEqualTo(given(List.of(0), "0-3", 2));
    assertThat(grant(Map.of(), 2, 0)).isEqualTo(given(List.of(0, 2), "0-3,8-11", 2));
    assertThat(grant(Map.of(), 4, 5, 6, 7)).isEqualTo(given(List.of(4, 5, 6, 7), "16-31", 2));
    assertThat(grant(Map.of(), 10, 9)).isEqualTo(given(List.of(9, 10), "36-43", 2));
  }

  @Test
  void theHostsFileAndThenTheJobSayOtherwise() throws IOException {
    devices(2, 8, "Trn2");
    setting("# ours\nNEURON_LOGICAL_NC_CONFIG=1\n");
    assertThat(grant(Map.of(), 1)).isEqualTo(given(List.of(1), "8-15", 1));
    assertThat(grant(Map.of("NEURON_LOGICAL_NC_CONFIG", "2"), 1))
        .isEqualTo(given(List.of(1), "4-7", 2));
    assertThat(refused(grant(Map.of("NEURON_LOGICAL_NC_CONFIG", "3"), 1)))
        .isEqualTo("env.NEURON_LOGICAL_NC_CONFIG: '3' is refused; allowed on Trn2 is 1 or 2");
    setting("NEURON_LOGICAL_NC_CONFIG=x\n");
    assertThat(refused(grant(Map.of(), 1)))
        .contains("logical_nc_config: 'x' is refused; allowed on Trn2 is 1 or 2");
  }

  @Test
  void coresOfTrainium1AreNeverJoined() throws IOException {
    devices(16, 2, "Trn1");
    setting("NEURON_LOGICAL_NC_CONFIG=2\n");
    assertThat(grant(Map.of(), 12, 13, 14, 15))
        .isEqualTo(given(List.of(12, 13, 14, 15), "24-31", 1));
    assertThat(refused(grant(Map.of("NEURON_LOGICAL_NC_CONFIG", "2"), 1)))
        .contains("allowed on Trn1 is 1");
  }

  @Test
  void whatIsNotThereOrCannotBeNumberedIsRefused() throws IOException {
    assertThat(refused(grant(Map.of(), 0))).contains("Neuron's driver on this node has no devices");
    devices(2, 8, "Trn3");
    assertThat(refused(grant(Map.of(), 5))).contains("'neuron-00000000000000a5' is refused");
    Files.delete(root.resolve("sys/devices/virtual/neuron_device/neuron0/neuron_core7"));
    assertThat(refused(grant(Map.of(), 1))).contains("have [7, 8] cores").contains("dev_nc_map");
  }

  private static String refused(NeuronGrant grant) {
    assertThat(grant).isInstanceOf(NeuronGrant.Refused.class);
    return ((NeuronGrant.Refused) grant).sentence();
  }
}
