package io.millwright.drivers.neuron;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.neuron.binding.PassiveCall;
import io.millwright.protocol.vocabulary.Metric;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Which logical core is which physical one, over synthetic trees. The order of the map is that of
 * Trainium3's odd devices in driver 2.29 as neuron.md section 4.3 has it; never read from a driver.
 */
class LogicalCoresTest {
  private static final int[] ODD = {6, 7, 4, 5, 0, 1, 2, 3};

  @TempDir Path root;

  private NeuronFixture tree(String instance, int cores) {
    NeuronFixture fixture = new NeuronFixture(root);
    fixture.identity(1, "00000000000000ab", "NDv4", instance, "Trainium3");
    for (int core = 0; core < cores; core++) {
      fixture.write(
          "sys/devices/virtual/neuron_device/neuron1/neuron_core%d/info/architecture/arch_type"
              .formatted(core),
          "NCv4\n");
    }
    return fixture;
  }

  private List<List<String>> shown(NeuronFixture fixture, Metric.Tier tier) {
    try (NeuronDevice device = fixture.tree(tier).open(1, CallWatch.NONE).orElseThrow()) {
      return NeuronFixture.read(device, 1).labels(Metric.ACCELERATOR_CORE_INFO);
    }
  }

  /** Of two devices of eight cores: the first in order, the second as the driver has it. */
  private static void map(NeuronFixture fixture) {
    List<Integer> words = new ArrayList<>(List.of(16));
    for (int i = 0; i < 16; i++) {
      words.add(i / 8);
      words.add(i < 8 ? i : ODD[i - 8]);
    }
    StringBuilder bytes = new StringBuilder();
    for (int word : words) {
      bytes.append(HexFormat.of().formatHex(new byte[] {(byte) word, 0, 0, 0}));
    }
    fixture.write("millwright-simulated", "");
    fixture.write(SimulatedCalls.FILE, "LOGICAL_TO_PHYSICAL_NC_MAP\t*\t" + bytes + "\n");
  }

  @Test
  void theDriversMapIsShownInPairs() {
    NeuronFixture fixture = tree("Trn3", 8);
    map(fixture);
    assertThat(shown(fixture, Metric.Tier.EXTENDED))
        .containsExactly(
            List.of("0", "6", "ioctl"),
            List.of("1", "6", "ioctl"),
            List.of("2", "7", "ioctl"),
            List.of("3", "7", "ioctl"),
            List.of("4", "5", "ioctl"),
            List.of("5", "5", "ioctl"),
            List.of("6", "4", "ioctl"),
            List.of("7", "4", "ioctl"));
  }

  @Test
  void theHostsSettingTakesThemOneByOne() {
    NeuronFixture fixture = tree("Trn3", 8);
    map(fixture);
    fixture.write("opt/aws/neuron/logical_nc_config", "NEURON_LOGICAL_NC_CONFIG=1\n");
    assertThat(shown(fixture, Metric.Tier.EXTENDED))
        .contains(List.of("0", "12", "ioctl"), List.of("6", "8", "ioctl"));
  }

  /** A tree that is not simulated and has no device file: nobody can be asked. */
  @Test
  void withoutAMapTheNumbersRunThroughTheDevices() {
    assertThat(shown(tree("Trn1", 2), Metric.Tier.EXTENDED))
        .containsExactly(List.of("0", "2", "identity"), List.of("1", "3", "identity"));
  }

  @Test
  void withoutAMapPairsRunThroughTheDevicesOfTrainium3() {
    assertThat(shown(tree("Trn3", 4), Metric.Tier.EXTENDED))
        .containsExactly(
            List.of("0", "2", "identity"),
            List.of("1", "2", "identity"),
            List.of("2", "3", "identity"),
            List.of("3", "3", "identity"));
  }

  @Test
  void nobodyIsAskedWhereTheSiteDoesNotWantIt() {
    NeuronFixture fixture = tree("Trn3", 8);
    map(fixture);
    assertThat(shown(fixture, Metric.Tier.BASE)).isEmpty();
  }

  /** What one lane learned the others know, until another driver is there. */
  @Test
  void whatTheDriverDoesNotKnowIsForgottenWithTheDriver() {
    UnknownCalls unknown = new UnknownCalls();
    unknown.attached("2.26");
    unknown.add(PassiveCall.POD_STATUS_V2);
    unknown.attached("2.26");
    assertThat(unknown.holds(PassiveCall.POD_STATUS_V2)).isTrue();
    unknown.attached("2.27");
    assertThat(unknown.holds(PassiveCall.POD_STATUS_V2)).isFalse();
  }
}
