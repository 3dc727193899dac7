package io.millwright.drivers.host;

import static io.millwright.protocol.vocabulary.Metric.NODE_BOOT_TIMESTAMP_SECONDS;
import static io.millwright.protocol.vocabulary.Metric.NODE_CPUS;
import static io.millwright.protocol.vocabulary.Metric.NODE_INFO;
import static io.millwright.protocol.vocabulary.Metric.NODE_MEMORY_ECC_ERRORS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.NODE_MEMORY_SIZE_BYTES;
import static io.millwright.protocol.vocabulary.Metric.NODE_NETWORK_SPEED_BYTES_PER_SECOND;
import static io.millwright.protocol.vocabulary.Metric.NODE_NETWORK_UP;
import static io.millwright.protocol.vocabulary.Metric.NODE_TEMPERATURE_CELSIUS;
import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.Source.Outcome;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Readings;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link HostSource} on crafted trees and on this machine. */
class HostSourceTest {

  /** A library's answers, as they would be on an accelerator node. */
  private record Facts(OptionalLong memorySizeBytes) implements HostFacts {
    @Override
    public String operatingSystem() {
      return "Debian GNU/Linux 13 (trixie)";
    }

    @Override
    public String boardVendor() {
      return "Supermicro";
    }

    @Override
    public String boardModel() {
      return "X14";
    }
  }

  private Tree tree = new Tree(Path.of("/"));
  private HostSource source = new HostSource("n1", Place.UNKNOWN, Path.of("/"), CallWatch.NONE);

  @BeforeEach
  void craft(@TempDir Path root) {
    tree = Tree.healthy(root);
    tree.write("proc/sys/kernel/hostname", "gpu-17\n");
    tree.write("proc/sys/kernel/osrelease", "6.12.1\n");
    tree.write("sys/class/dmi/id/product_serial", "S123 \n");
    tree.write("sys/devices/system/cpu/online", "0-2\n");
    tree.write("sys/devices/system/cpu/present", "0-3\n");
    tree.write("sys/class/net/lo/operstate", "unknown\n");
    tree.write("sys/class/net/eth0/operstate", "up\n");
    tree.write("sys/class/net/eth0/speed", "100000\n");
    tree.write("sys/class/net/ib0/operstate", "down\n");
    tree.write("sys/class/net/ib0/speed", "-1\n");
    tree.write("sys/class/net/bonding_masters", "\n");
    tree.write("sys/devices/system/edac/mc/mc0/ce_count", "12\n");
    tree.write("sys/devices/system/edac/mc/mc0/ue_count", "0\n");
    tree.write("sys/devices/nvme0/x", "");
    tree.write("sys/class/hwmon/hwmon0/name", "nvme\n");
    tree.write("sys/class/hwmon/hwmon0/temp1_input", "38850\n");
    tree.write("sys/class/hwmon/hwmon0/temp1_label", "Composite\n");
    tree.write("sys/class/hwmon/hwmon0/temp2_input", "-5000\n");
    tree.link("sys/class/hwmon/hwmon0/device", root.resolve("sys/devices/nvme0"));
    source = source(root);
  }

  private static HostSource source(Path root) {
    return new HostSource(
        "n1", new Place("r7", ""), root, CallWatch.NONE, new Facts(OptionalLong.of(1L << 41)));
  }

  @AfterEach
  void close() {
    source.close();
  }

  private Shown read() {
    for (Cadence cadence : Cadence.values()) {
      assertThat(source.read(cadence, 1)).isEqualTo(Outcome.ANSWERED);
    }
    return Shown.of(source.readings());
  }

  @Test
  void saysWhoTheNodeIs() {
    String arch = Identity.architecture(System.getProperty("os.arch", ""));
    assertThat(read().labels(NODE_INFO))
        .containsExactly(
            List.of(
                "gpu-17",
                "Debian GNU/Linux 13 (trixie)",
                "6.12.1",
                arch,
                "Supermicro",
                "X14",
                "S123",
                "r7",
                ""));
  }

  @Test
  void leavesTheSerialNumberEmptyWhereItMayNotBeRead() {
    tree.delete("sys/class/dmi/id/product_serial");
    assertThat(read().labels(NODE_INFO).getFirst().get(6)).isEmpty();
  }

  @Test
  void readsEveryFamilyInBaseUnits() {
    Shown shown = read();
    assertThat(shown.value(NODE_BOOT_TIMESTAMP_SECONDS)).isEqualTo(1795266093);
    assertThat(shown.value(NODE_MEMORY_SIZE_BYTES)).isEqualTo(0x1p41);
    assertThat(shown.value(NODE_CPUS, "online")).isEqualTo(3);
    assertThat(shown.value(NODE_CPUS, "present")).isEqualTo(4);
    assertThat(shown.value(NODE_NETWORK_UP, "eth0")).isEqualTo(1);
    assertThat(shown.value(NODE_NETWORK_UP, "ib0")).isEqualTo(0);
    assertThat(shown.value(NODE_NETWORK_SPEED_BYTES_PER_SECOND, "eth0")).isEqualTo(12.5e9);
    assertThat(shown.value(NODE_MEMORY_ECC_ERRORS_TOTAL, "mc0", "corrected")).isEqualTo(12);
    assertThat(shown.value(NODE_MEMORY_ECC_ERRORS_TOTAL, "mc0", "uncorrected")).isEqualTo(0);
    assertThat(shown.value(NODE_TEMPERATURE_CELSIUS, "nvme@nvme0", "Composite")).isEqualTo(38.85);
    assertThat(shown.value(NODE_TEMPERATURE_CELSIUS, "nvme@nvme0", "temp2")).isEqualTo(-5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "0", "4294967295", "", "fast"})
  void hasNoSpeedWhereItIsNotKnown(String speed) {
    tree.write("sys/class/net/eth0/speed", speed + "\n");
    assertThat(read().reading(NODE_NETWORK_SPEED_BYTES_PER_SECOND, "eth0"))
        .isEqualTo(new Reading.Unsupported());
  }

  @Test
  void listsNeitherLoopbackNorPlainFiles() {
    assertThat(read().labels(NODE_NETWORK_UP)).containsExactly(List.of("ib0"), List.of("eth0"));
  }

  @Test
  void makesANewTableWhenAnInterfaceComesAndKeepsAllElse() {
    read();
    Readings before = source.readings();
    tree.write("sys/class/net/eth1/operstate", "up\n");
    source.read(Cadence.MEDIUM, 5);
    assertThat(source.readings()).isNotSameAs(before);
    Shown shown = Shown.of(source.readings());
    assertThat(shown.value(NODE_NETWORK_UP, "eth1")).isEqualTo(1);
    assertThat(shown.value(NODE_MEMORY_SIZE_BYTES)).isEqualTo(0x1p41);
    assertThat(shown.labels(NODE_INFO)).hasSize(1);
  }

  @Test
  void losesASensorAloneWhenItsChipFails() {
    tree.write("sys/class/hwmon/hwmon0/temp2_fault", "1\n");
    tree.write("sys/class/hwmon/hwmon0/temp3_input", "warm\n");
    Shown shown = read();
    assertThat(shown.reading(NODE_TEMPERATURE_CELSIUS, "nvme@nvme0", "temp2"))
        .isEqualTo(new Reading.Unavailable(Fault.OTHER));
    assertThat(shown.reading(NODE_TEMPERATURE_CELSIUS, "nvme@nvme0", "temp3"))
        .isEqualTo(new Reading.Unavailable(Fault.PARSE));
    assertThat(shown.value(NODE_TEMPERATURE_CELSIUS, "nvme@nvme0", "Composite")).isEqualTo(38.85);
  }

  @Test
  void looksForSensorsAgainWhenOneIsGone() {
    read();
    tree.delete("sys/class/hwmon/hwmon0/temp2_input");
    source.read(Cadence.MEDIUM, 2);
    source.read(Cadence.MEDIUM, 3);
    assertThat(Shown.of(source.readings()).labels(NODE_TEMPERATURE_CELSIUS)).hasSize(1);
  }

  @Test
  void tellsChipsOfOneNameApart() {
    tree.write("sys/class/hwmon/hwmon1/name", "acpi\n");
    tree.write("sys/class/hwmon/hwmon1/temp1_input", "1000\n");
    tree.write("sys/class/hwmon/hwmon2/name", "acpi\n");
    tree.write("sys/class/hwmon/hwmon2/temp1_input", "2000\n");
    tree.write("sys/class/hwmon/hwmon2/temp1_label", "inlet\n");
    tree.write("sys/class/hwmon/hwmon2/temp2_input", "3000\n");
    tree.write("sys/class/hwmon/hwmon2/temp2_label", "inlet\n");
    Shown shown = read();
    assertThat(shown.value(NODE_TEMPERATURE_CELSIUS, "acpi", "temp1")).isEqualTo(1);
    assertThat(shown.value(NODE_TEMPERATURE_CELSIUS, "acpi@hwmon2", "inlet")).isEqualTo(2);
    assertThat(shown.value(NODE_TEMPERATURE_CELSIUS, "acpi@hwmon2", "temp2")).isEqualTo(3);
  }

  @Test
  void readsThermalZonesWhereThereIsNoHwmon(@TempDir Path root) {
    Tree bare = new Tree(root);
    bare.write("sys/class/thermal/thermal_zone0/type", "x86_pkg_temp\n");
    bare.write("sys/class/thermal/thermal_zone0/temp", "47000\n");
    HostSource another = source(root);
    another.read(Cadence.MEDIUM, 1);
    assertThat(
            Shown.of(another.readings())
                .value(NODE_TEMPERATURE_CELSIUS, "x86_pkg_temp", "thermal_zone0"))
        .isEqualTo(47);
    another.close();
  }

  @Test
  void hasNoSensorsWhereThereAreNone(@TempDir Path root) {
    HostSource another = source(root);
    assertThat(another.read(Cadence.MEDIUM, 1)).isEqualTo(Outcome.ANSWERED);
    assertThat(Shown.of(another.readings()).labels(NODE_TEMPERATURE_CELSIUS)).isEmpty();
    another.close();
  }

  @Test
  void failsWhenNothingThatIsDueCanBeRead(@TempDir Path root) {
    HostSource blind =
        new HostSource("n1", Place.UNKNOWN, root, CallWatch.NONE, new Facts(OptionalLong.empty()));
    assertThat(blind.read(Cadence.SLOW, 1)).isEqualTo(Outcome.FAILED);
    assertThat(Shown.of(blind.readings()).reading(NODE_MEMORY_SIZE_BYTES))
        .isEqualTo(new Reading.Unavailable(Fault.OTHER));
    blind.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {"0;1", "0-3;4", "0-1,4,6-7;5", "0-127;128"})
  void countsCpuLists(String list, int expected) {
    assertThat(CpuCounts.count(list)).isEqualTo(OptionalInt.of(expected));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "3-1", "0-", "-1", "0,,1", "99999999999"})
  void countsNothingOfWhatIsNoCpuList(String list) {
    assertThat(CpuCounts.count(list)).isEqualTo(OptionalInt.empty());
  }

  @Test
  void readsThisMachine() {
    HostSource real = new HostSource("n1", Place.UNKNOWN, Path.of("/"), CallWatch.NONE);
    for (Cadence cadence : Cadence.values()) {
      assertThat(real.read(cadence, 1)).isEqualTo(Outcome.ANSWERED);
    }
    Shown shown = Shown.of(real.readings());
    assertThat(shown.value(NODE_MEMORY_SIZE_BYTES)).isGreaterThan(1 << 28);
    assertThat(shown.value(NODE_BOOT_TIMESTAMP_SECONDS)).isGreaterThan(1.6e9);
    assertThat(shown.value(NODE_CPUS, "online")).isPositive();
    assertThat(shown.labels(NODE_INFO).getFirst().get(1)).isNotEmpty();
    real.close();
  }
}
