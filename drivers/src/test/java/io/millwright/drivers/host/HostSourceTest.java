package io.millwright.drivers.host;

import static io.millwright.protocol.vocabulary.Metric.AGENT_SERIES_DROPPED_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.NODE_BOOT_TIMESTAMP_SECONDS;
import static io.millwright.protocol.vocabulary.Metric.NODE_CLOCK_OFFSET_SECONDS;
import static io.millwright.protocol.vocabulary.Metric.NODE_CLOCK_SYNCHRONIZED;
import static io.millwright.protocol.vocabulary.Metric.NODE_CPUS;
import static io.millwright.protocol.vocabulary.Metric.NODE_FAN_SPEED_RPM;
import static io.millwright.protocol.vocabulary.Metric.NODE_FILE_DESCRIPTORS;
import static io.millwright.protocol.vocabulary.Metric.NODE_HUGEPAGES_FREE_BYTES;
import static io.millwright.protocol.vocabulary.Metric.NODE_INFO;
import static io.millwright.protocol.vocabulary.Metric.NODE_LIMIT_USED_RATIO;
import static io.millwright.protocol.vocabulary.Metric.NODE_MEMORY_ECC_ERRORS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.NODE_MEMORY_SIZE_BYTES;
import static io.millwright.protocol.vocabulary.Metric.NODE_NETWORK_SPEED_BYTES_PER_SECOND;
import static io.millwright.protocol.vocabulary.Metric.NODE_NETWORK_UP;
import static io.millwright.protocol.vocabulary.Metric.NODE_NUMA_MEMORY_FREE_BYTES;
import static io.millwright.protocol.vocabulary.Metric.NODE_NUMA_MEMORY_SIZE_BYTES;
import static io.millwright.protocol.vocabulary.Metric.NODE_POWER_SUPPLY_UP;
import static io.millwright.protocol.vocabulary.Metric.NODE_POWER_WATTS;
import static io.millwright.protocol.vocabulary.Metric.NODE_PTP_CLOCK_INFO;
import static io.millwright.protocol.vocabulary.Metric.NODE_RAID_MISSING_DISKS;
import static io.millwright.protocol.vocabulary.Metric.NODE_TEMPERATURE_CELSIUS;
import static io.millwright.protocol.vocabulary.Metric.NODE_UNINTERRUPTIBLE_PROCESSES;
import static io.millwright.protocol.vocabulary.Metric.NODE_ZOMBIE_PROCESSES;
import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.Source.Outcome;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Readings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
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
  private HostSource source =
      new HostSource("n1", Place.UNKNOWN, Path.of("/"), CallWatch.NONE, Metric.Tier.OPTIONAL);

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
    tree.write("sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "3\n");
    tree.write("sys/kernel/mm/hugepages/hugepages-1048576kB/free_hugepages", "0\n");
    tree.write(
        "sys/devices/system/node/node0/meminfo",
        "Node 0 MemTotal:  100 kB\nNode 0 MemFree:  40 kB\n");
    tree.write("sys/devices/system/node/node1/meminfo", "Node 1 MemTotal:  10");
    tree.write("proc/sys/fs/file-nr", "1024\t0\t9223372036854775807\n");
    tree.write("proc/7/stat", "7 (a) Z b) S 1 7 7\n");
    tree.write("proc/8/stat", "8 (python) Z 7 7 7\n");
    tree.write("proc/9/stat", "9 (half");
    tree.write("sys/class/ptp/ptp0/clock_name", "mlx5_p2p\n");
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
        "n1",
        new Place("r7", ""),
        root,
        CallWatch.NONE,
        Metric.Tier.OPTIONAL,
        new Facts(OptionalLong.of(1L << 41)),
        () -> new Timekeeping.Answer.Synchronized(OptionalDouble.of(-0.25)));
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
    assertThat(shown.value(NODE_HUGEPAGES_FREE_BYTES, "2048kB")).isEqualTo(3 << 21);
    assertThat(shown.value(NODE_HUGEPAGES_FREE_BYTES, "1048576kB")).isEqualTo(0);
    assertThat(shown.value(NODE_NUMA_MEMORY_SIZE_BYTES, "0")).isEqualTo(102_400);
    assertThat(shown.value(NODE_NUMA_MEMORY_FREE_BYTES, "0")).isEqualTo(40_960);
    assertThat(shown.value(NODE_FILE_DESCRIPTORS, "allocated")).isEqualTo(1024);
    assertThat(shown.value(NODE_FILE_DESCRIPTORS, "max")).isEqualTo(0x1p63);
    assertThat(shown.labels(NODE_PTP_CLOCK_INFO)).containsExactly(List.of("ptp0", "mlx5_p2p"));
    assertThat(shown.value(NODE_CLOCK_SYNCHRONIZED)).isEqualTo(1);
    assertThat(shown.value(NODE_CLOCK_OFFSET_SECONDS)).isEqualTo(-0.25);
  }

  /** A name may hold what looks like a state; a line that is cut has none. */
  @Test
  void countsZombiesByTheLetterBehindTheName() {
    assertThat(read().value(NODE_ZOMBIE_PROCESSES)).isEqualTo(1);
  }

  @Test
  void countsProcessesThatWaitInTheKernel() {
    assertThat(read().value(NODE_UNINTERRUPTIBLE_PROCESSES)).isZero();
    tree.write("proc/10/stat", "10 (a) Z) D 1 7 7\n");
    assertThat(read().value(NODE_UNINTERRUPTIBLE_PROCESSES)).isEqualTo(1);
  }

  @Test
  void countsTheDisksThatAnArrayLacks() {
    tree.write("sys/block/md127/md/degraded", "2\n");
    tree.write("sys/block/md0/md/level", "raid0\n");
    assertThat(read().value(NODE_RAID_MISSING_DISKS, "md127")).isEqualTo(2);
    assertThat(read().has(NODE_RAID_MISSING_DISKS, "md0")).isFalse();
    tree.write("sys/block/md127/md/degraded", "-1\n");
    assertThat(read().reading(NODE_RAID_MISSING_DISKS, "md127"))
        .isEqualTo(new Reading.Unavailable(Fault.PARSE));
  }

  /** Threads are held against the lower of their two limits. */
  @Test
  void tellsHowMuchOfTheKernelsLimitsIsInUse() {
    tree.write("proc/sys/fs/file-nr", "300\t0\t1000\n");
    tree.write("proc/loadavg", "0.04 1.50 12.75 3/80 4338\n");
    tree.write("proc/sys/kernel/pid_max", "100\n");
    tree.write("proc/sys/kernel/threads-max", "4000\n");
    tree.write("proc/sys/net/netfilter/nf_conntrack_count", "5\n");
    tree.write("proc/sys/net/netfilter/nf_conntrack_max", "10\n");
    Shown shown = read();
    assertThat(shown.value(NODE_LIMIT_USED_RATIO, "file_descriptors")).isEqualTo(0.3);
    assertThat(shown.value(NODE_LIMIT_USED_RATIO, "threads")).isEqualTo(0.8);
    assertThat(shown.value(NODE_LIMIT_USED_RATIO, "connections")).isEqualTo(0.5);
    tree.write("proc/sys/net/netfilter/nf_conntrack_max", "0\n");
    assertThat(read().reading(NODE_LIMIT_USED_RATIO, "connections"))
        .isEqualTo(new Reading.Unavailable(Fault.PARSE));
  }

  @Test
  void doesNotTakeHalfAFileForANumber() {
    assertThat(read().reading(NODE_NUMA_MEMORY_SIZE_BYTES, "1"))
        .isEqualTo(new Reading.Unavailable(Fault.PARSE));
    tree.write("proc/sys/fs/file-nr", "1024\t0");
    assertThat(read().reading(NODE_FILE_DESCRIPTORS, "max"))
        .isEqualTo(new Reading.Unavailable(Fault.PARSE));
  }

  /** A chip, a NUMA node and a controller that go while the source has them in its list. */
  @Test
  void forgetsWhatVanishedBetweenListingAndReading() {
    read();
    tree.delete("sys/class/hwmon/hwmon0/temp2_input");
    tree.delete("sys/devices/system/node/node1/meminfo");
    tree.delete("sys/devices/system/edac/mc/mc0/ue_count");
    Shown first = read();
    assertThat(first.reading(NODE_TEMPERATURE_CELSIUS, "nvme@nvme0", "temp2"))
        .isEqualTo(new Reading.Unavailable(Fault.NOT_FOUND));
    assertThat(first.value(NODE_TEMPERATURE_CELSIUS, "nvme@nvme0", "Composite")).isEqualTo(38.85);
    Shown second = read();
    assertThat(second.has(NODE_TEMPERATURE_CELSIUS, "nvme@nvme0", "temp2")).isFalse();
    assertThat(second.reading(NODE_NUMA_MEMORY_SIZE_BYTES, "1"))
        .isEqualTo(new Reading.Unavailable(Fault.NOT_FOUND));
    assertThat(second.value(NODE_NUMA_MEMORY_SIZE_BYTES, "0")).isEqualTo(102_400);
  }

  @Test
  void doesNotReadWhatTheSiteDoesNotWant() {
    List<String> asked = new ArrayList<>();
    CallWatch watch =
        new CallWatch() {
          @Override
          public void entered(String call) {
            asked.add(call);
          }

          @Override
          public long returned(String call, int code) {
            return 0;
          }
        };
    HostSource base =
        new HostSource(
            "n1",
            Place.UNKNOWN,
            tree.root(),
            watch,
            Metric.Tier.BASE,
            new Facts(OptionalLong.of(1)),
            Timekeeping.Answer.Unsynchronized::new);
    for (Cadence cadence : Cadence.values()) {
      base.read(cadence, 1);
    }
    assertThat(asked)
        .anyMatch(call -> call.endsWith("temp1_input"))
        .noneMatch(call -> call.contains("hugepages") || call.contains("<pid>"));
    Shown shown = Shown.of(base.readings());
    assertThat(shown.readings().keySet())
        .noneMatch(each -> each.metric().tier() != Metric.Tier.BASE);
    assertThat(shown.value(NODE_CLOCK_SYNCHRONIZED)).isEqualTo(0);
    assertThat(shown.reading(NODE_CLOCK_OFFSET_SECONDS)).isInstanceOf(Reading.Unavailable.class);
    base.close();
  }

  @Test
  void countsSeriesBeyondTheLimitOnce() {
    for (int i = 0; i < 40; i++) {
      tree.write("sys/class/ptp/ptp" + i + "/clock_name", "x\n");
    }
    String family = NODE_PTP_CLOCK_INFO.familyName();
    read();
    assertThat(read().value(AGENT_SERIES_DROPPED_TOTAL, family)).isEqualTo(8);
    assertThat(read().labels(AGENT_SERIES_DROPPED_TOTAL)).containsExactly(List.of(family));
  }

  private void supply(int number, String volts, String alarm) {
    String chip = "sys/class/hwmon/hwmon" + number + "/";
    tree.write("sys/devices/3-005" + number + "/x", "");
    tree.link(chip + "device", tree.root().resolve("sys/devices/3-005" + number));
    tree.write(chip + "name", "dps920ab\n");
    tree.write(chip + "power1_label", "pin\n");
    tree.write(chip + "power1_input", "1250000000\n");
    tree.write(chip + "power2_label", "pout1\n");
    tree.write(chip + "power2_input", "1180000000\n");
    tree.write(chip + "in1_input", volts + "\n");
    tree.write(chip + "in1_lcrit_alarm", alarm + "\n");
  }

  @Test
  void readsFansAndPowerSupplies() {
    tree.write("sys/class/hwmon/hwmon1/name", "nct6798\n");
    tree.write("sys/class/hwmon/hwmon1/fan1_input", "5400\n");
    tree.write("sys/class/hwmon/hwmon1/fan2_input", "0\n");
    tree.write("sys/class/hwmon/hwmon1/fan2_label", "Chassis\n");
    supply(8, "230000", "0");
    supply(9, "0", "0");
    supply(7, "230000", "1");
    Shown shown = read();
    assertThat(shown.value(NODE_FAN_SPEED_RPM, "nct6798/fan1")).isEqualTo(5400);
    assertThat(shown.value(NODE_FAN_SPEED_RPM, "nct6798/Chassis")).isEqualTo(0);
    assertThat(shown.value(NODE_POWER_WATTS, "psu:1")).isEqualTo(1250);
    assertThat(shown.labels(NODE_POWER_WATTS)).hasSize(3);
    assertThat(shown.value(NODE_POWER_SUPPLY_UP, "0")).isEqualTo(0);
    assertThat(shown.value(NODE_POWER_SUPPLY_UP, "1")).isEqualTo(1);
    assertThat(shown.value(NODE_POWER_SUPPLY_UP, "2")).isEqualTo(0);
  }

  private void meter(int number, String part, String microwatts) {
    String chip = "sys/class/hwmon/hwmon" + number + "/";
    tree.write(chip + "name", "power_meter\n");
    tree.write(chip + "device/power1_average", microwatts + "\n");
    tree.write(chip + "device/power1_oem_info", part + "\n");
  }

  @Test
  void tellsTheNodesPowerFromThatOfItsParts() {
    meter(1, "Module Power Socket 0", "900000000");
    meter(2, "CPU Power Socket 0", "200000000");
    meter(3, "CPU Power Socket 1", "210000000");
    tree.write("sys/class/hwmon/hwmon4/name", "amdgpu\n");
    tree.write("sys/class/hwmon/hwmon4/power1_input", "700000000\n");
    Shown parts = read();
    assertThat(parts.labels(NODE_POWER_WATTS)).containsExactly(List.of("cpu"));
    assertThat(parts.value(NODE_POWER_WATTS, "cpu")).isEqualTo(410);
    assertThat(HostSource.metersNode(tree.root())).isFalse();
    tree.write("sys/class/hwmon/hwmon3/device/power1_average", "half\n");
    assertThat(read().reading(NODE_POWER_WATTS, "cpu"))
        .isEqualTo(new Reading.Unavailable(Fault.PARSE));
  }

  @Test
  void showsTheNodesPowerOnlyWhereOneMeterSaysSo() {
    meter(1, "", "8200000000");
    HostSource one = source(tree.root());
    one.read(Cadence.MEDIUM, 1);
    assertThat(Shown.of(one.readings()).value(NODE_POWER_WATTS, "node")).isEqualTo(8200);
    one.close();
    meter(2, "", "4100000000");
    HostSource two = source(tree.root());
    two.read(Cadence.MEDIUM, 1);
    assertThat(Shown.of(two.readings()).labels(NODE_POWER_WATTS)).isEmpty();
    two.close();
  }

  @Test
  void saysNothingOfAClockThatMayNotBeAsked() {
    HostSource confined =
        new HostSource(
            "n1",
            Place.UNKNOWN,
            tree.root(),
            CallWatch.NONE,
            Metric.Tier.BASE,
            new Facts(OptionalLong.of(1)),
            () -> new Timekeeping.Answer.Refused(Fault.PERMISSION));
    assertThat(confined.read(Cadence.MEDIUM, 1)).isEqualTo(Outcome.ANSWERED);
    assertThat(Shown.of(confined.readings()).reading(NODE_CLOCK_SYNCHRONIZED))
        .isEqualTo(new Reading.Unavailable(Fault.PERMISSION));
    confined.close();
  }

  /** As chronyd keeps it, past the kernel's own loop. */
  @Test
  void hasNoOffsetWhereTheKernelCorrectsNothing() {
    HostSource kept =
        new HostSource(
            "n1",
            Place.UNKNOWN,
            tree.root(),
            CallWatch.NONE,
            Metric.Tier.BASE,
            new Facts(OptionalLong.of(1)),
            () -> new Timekeeping.Answer.Synchronized(OptionalDouble.empty()));
    assertThat(kept.read(Cadence.MEDIUM, 1)).isEqualTo(Outcome.ANSWERED);
    Shown shown = Shown.of(kept.readings());
    assertThat(shown.value(NODE_CLOCK_SYNCHRONIZED)).isEqualTo(1);
    assertThat(shown.reading(NODE_CLOCK_OFFSET_SECONDS)).isEqualTo(new Reading.Unsupported());
    kept.close();
  }

  /** The kernel's own answer, whichever it is on this machine. */
  @Test
  void asksThisMachinesClock() {
    Timekeeping.Answer answer = new Timekeeping.OfKernel(CallWatch.NONE).ask();
    if (answer instanceof Timekeeping.Answer.Synchronized(OptionalDouble offset)) {
      assertThat(offset.orElse(0)).isBetween(-1.0, 1.0); // more is a step, which leaves no offset
    } else {
      assertThat(answer).isInstanceOf(Timekeeping.Answer.Unsynchronized.class);
    }
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
        new HostSource(
            "n1",
            Place.UNKNOWN,
            root,
            CallWatch.NONE,
            Metric.Tier.OPTIONAL,
            new Facts(OptionalLong.empty()),
            Timekeeping.Answer.Unsupported::new);
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
    HostSource real =
        new HostSource("n1", Place.UNKNOWN, Path.of("/"), CallWatch.NONE, Metric.Tier.OPTIONAL);
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
