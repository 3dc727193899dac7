package io.millwright.drivers.neuron;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.drivers.CallWatch;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NeuronTreeTest {
  @TempDir Path root;

  private NeuronTree tree() {
    return new NeuronTree(root, "n1", Metric.Tier.BASE);
  }

  private NeuronFixture fixture() {
    return new NeuronFixture(root);
  }

  @Test
  void countsByNumberOverGapsAndStrangers() {
    for (int number : List.of(11, 2, 0, 10, 1)) {
      fixture().identity(number, "00000000000000aa", "NDv2", "Trn1", "Trainium1");
    }
    fixture().write("sys/devices/virtual/neuron_device/neuron", "a file");
    fixture().write("sys/devices/virtual/neuron_device/neuron3", "a file too");
    fixture().write("sys/devices/virtual/neuron_device/neuron4x/reset", "1\n");
    assertThat(tree().numbers()).containsExactly(0, 1, 2, 10, 11);
    assertThat(tree().driverLoaded()).isTrue();
  }

  @Test
  void isEmptyWithoutADriver() {
    assertThat(tree().driverLoaded()).isFalse();
    assertThat(tree().numbers()).isEmpty();
    assertThat(tree().open(0, CallWatch.NONE)).isEmpty();
    assertThat(tree().driverVersion(CallWatch.NONE)).isEmpty();
    assertThat(tree().ultraServer(CallWatch.NONE)).isEqualTo(UltraServer.NONE);
  }

  @Test
  void namesADeviceByItsSerialNumber() {
    fixture().identity(3, "9ff5434815c8bd80", "NDv2", "Trn1", "Trainium1");
    assertThat(identity(3).accelerator())
        .isEqualTo(
            new Accelerator("n1", "3", "neuron-9ff5434815c8bd80", "aws", "Trainium1", false));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0000000000000000",
        "deadbeefdeadbeef",
        "deadbeef00000001",
        "00000001deadbeef",
        "9ff5434815c8bd8",
        "9ff5434815c8bd80 1",
        "no serial number"
      })
  void namesADeviceByNodeAndNumberWhereItsSerialNumberCannotBeRead(String serial) {
    fixture().identity(3, serial, "NDv4", "Trn3", "Trainium3");
    assertThat(identity(3).serial()).isEmpty();
    assertThat(identity(3).accelerator().uuid()).isEqualTo("neuron-n1-3");
  }

  private NeuronIdentity identity(int number) {
    return tree().identity(number, CallWatch.NONE).orElseThrow();
  }

  @Test
  void saysThatATreeIsSimulated() {
    fixture().identity(0, "00000000000000aa", "NDv4", "Trn3", "Trainium3");
    assertThat(identity(0).accelerator().simulated()).isFalse();
    fixture().write("millwright-simulated", "");
    assertThat(identity(0).accelerator().simulated()).isTrue();
  }

  @Test
  void tellsThePlaceInAnUltraServerOfTrn3() {
    facts("node_id", "2\n", "node_cnt", "4\n", "reservation_id", "00000000000000c3\n");
    facts("ultraserver_mode", "1,4\n");
    UltraServer place = tree().ultraServer(CallWatch.NONE);
    assertThat(place.node()).hasValue(2);
    assertThat(place.nodes()).hasValue(4);
    assertThat(place.reservation()).hasValue("00000000000000c3");
    assertThat(place.modes()).containsExactly("x4", "x1");
    assertThat(place.nodeOf2()).isEqualTo(OptionalInt.empty());
  }

  @ParameterizedTest
  @CsvSource({"busy", "invalid", "init_error", "''", "-1", "99999999999999999999"})
  void isOfNoUltraServerWhileTheDriverDoesNotKnow(String word) {
    for (String file :
        List.of("node_id", "node_cnt", "ultraserver_mode", "node_id_2", "node_id_4")) {
      facts(file, word + "\n");
    }
    facts("server_id_2", "0000000000000000\n", "server_id_4", "busy\n");
    assertThat(tree().ultraServer(CallWatch.NONE)).isEqualTo(UltraServer.NONE);
  }

  @Test
  void showsTheUltraServerOnceItIsElected() {
    facts("node_id_4", "busy\n", "server_id_4", "0000000000000000\n");
    UltraServerSource source = new UltraServerSource(tree(), "n1", CallWatch.NONE);
    source.read(Cadence.SLOW, 1);
    assertThat(source.readings().table().size()).isZero();
    facts("node_id_4", "3\n", "server_id_4", "00000000000000ff\n");
    source.read(Cadence.SLOW, 2);
    assertThat(source.readings().sample().measured(0)).isTrue();
    assertThat(source.readings().table().series(0).labelValues())
        .containsExactly("n1", "", "", "", "", "", "", "3", "00000000000000ff");
  }

  private void facts(String... filesAndContents) {
    for (int i = 0; i < filesAndContents.length; i += 2) {
      fixture().write("sys/class/neuron_device/" + filesAndContents[i], filesAndContents[i + 1]);
    }
  }

  @Test
  void aSerialNumberThatCannotBeReadMayBeAnyDevices() {
    fixture().identity(0, "00000000000000aa", "NDv4", "Trn3", "Trainium3");
    NeuronIdentity known = identity(0);
    fixture().device(0, "info/serial_number", "\n");
    NeuronIdentity unread = identity(0);
    fixture().device(0, "info/serial_number", "00000000000000ab\n");
    NeuronIdentity other = identity(0);
    assertThat(known.mayBe(unread)).isTrue();
    assertThat(unread.mayBe(other)).isTrue();
    assertThat(known.mayBe(other)).isFalse();
    assertThat(known.whole()).isTrue();
    assertThat(unread.whole()).isFalse();
  }

  @Test
  void aNodeOfMemoryThatIsNoneIsNoLabel() {
    fixture().identity(0, "00000000000000aa", "NDv4", "Trn3", "Trainium3");
    fixture().device(0, "numa_node", "-1\n");
    assertThat(identity(0).numaNode()).isEmpty();
    fixture().device(0, "numa_node", "1\n");
    assertThat(identity(0).numaNode()).isEqualTo("1");
  }

  @ParameterizedTest
  @CsvSource({
    "2.26.4.0, true",
    "2.24.7.0, true",
    "1.99.9, true",
    "2.26.5.0, false",
    "2.30.2.0, false",
    "3.0.0, false",
    "'', false",
    "x, false"
  })
  void knowsTheDriversThatCrashWhenTheyAreUnloaded(String version, boolean crashes) {
    assertThat(NeuronTree.crashesWhenUnloaded(version)).isEqualTo(crashes);
  }
}
