package io.millwright.drivers.host;

import static io.millwright.protocol.vocabulary.Metric.NODE_BOOT_TIMESTAMP_SECONDS;
import static io.millwright.protocol.vocabulary.Metric.NODE_CLOCK_OFFSET_SECONDS;
import static io.millwright.protocol.vocabulary.Metric.NODE_CLOCK_SYNCHRONIZED;
import static io.millwright.protocol.vocabulary.Metric.NODE_CPUS;
import static io.millwright.protocol.vocabulary.Metric.NODE_CPU_SECONDS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.NODE_DISK_IO_TIME_SECONDS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.NODE_DISK_READ_BYTES_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.NODE_DISK_WRITTEN_BYTES_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.NODE_FILESYSTEM_AVAILABLE_BYTES;
import static io.millwright.protocol.vocabulary.Metric.NODE_FILESYSTEM_READONLY;
import static io.millwright.protocol.vocabulary.Metric.NODE_FILESYSTEM_SIZE_BYTES;
import static io.millwright.protocol.vocabulary.Metric.NODE_FILE_DESCRIPTORS;
import static io.millwright.protocol.vocabulary.Metric.NODE_INFO;
import static io.millwright.protocol.vocabulary.Metric.NODE_LOAD_AVERAGE;
import static io.millwright.protocol.vocabulary.Metric.NODE_MEMORY_AVAILABLE_BYTES;
import static io.millwright.protocol.vocabulary.Metric.NODE_MEMORY_SIZE_BYTES;
import static io.millwright.protocol.vocabulary.Metric.NODE_MEMORY_SWAP_USED_BYTES;
import static io.millwright.protocol.vocabulary.Metric.NODE_NETWORK_DROPS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.NODE_NETWORK_ERRORS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.NODE_NETWORK_RECEIVE_BYTES_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.NODE_NETWORK_SPEED_BYTES_PER_SECOND;
import static io.millwright.protocol.vocabulary.Metric.NODE_NETWORK_TRANSMIT_BYTES_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.NODE_NETWORK_UP;
import static io.millwright.protocol.vocabulary.Metric.NODE_NUMA_MEMORY_FREE_BYTES;
import static io.millwright.protocol.vocabulary.Metric.NODE_NUMA_MEMORY_SIZE_BYTES;
import static io.millwright.protocol.vocabulary.Metric.NODE_OOM_KILLS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.NODE_PRESSURE_STALL_SECONDS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.NODE_TEMPERATURE_CELSIUS;
import static io.millwright.protocol.vocabulary.Metric.NODE_ZOMBIE_PROCESSES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.Source;
import io.millwright.drivers.host.NodeExporter.Line;
import io.millwright.drivers.host.NodeExporter.Page;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Reading;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Our readings of this machine against those of prometheus-node-exporter, which is scraped before
 * and after. A counter of ours lies between its two values. A gauge does too, within the tolerance
 * that its test states where it moves by itself. Skipped where there is no node exporter: give it
 * with {@code -Dnode.exporter=<program>}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NodeExporterComparisonTest {
  private static final double MEMORY_TOLERANCE_BYTES = 256 << 20;
  private static final double DISK_SPACE_TOLERANCE_BYTES = 256 << 20;
  private static final double TEMPERATURE_TOLERANCE_CELSIUS = 5;
  private static final double LOAD_TOLERANCE = 0.5;
  private static final double CLOCK_TOLERANCE_SECONDS = 0.01;
  private static final double DESCRIPTOR_TOLERANCE = 512;
  private static final double ZOMBIE_TOLERANCE = 5;
  private static final double ROUNDING = 1e-6;

  /** A tick for each CPU: theirs are rounded down one by one, our sum is rounded down once. */
  private static final double CPU_TOLERANCE_SECONDS =
      0.01 * (Runtime.getRuntime().availableProcessors() + 1);

  private Page before = new Page(Map.of());
  private Page after = new Page(Map.of());
  private Shown ours = new Shown(Map.of());

  @BeforeAll
  void readBetweenTwoScrapes(@TempDir Path directory) throws IOException {
    Optional<Path> program = NodeExporter.program();
    if (program.isEmpty()) {
      return;
    }
    try (NodeExporter exporter =
        NodeExporter.started(
            program.orElseThrow(),
            directory.resolve("log"),
            NodeExporter.WATCHED_MOUNTS,
            "--collector.meminfo_numa",
            "--collector.processes")) {
      warmUp();
      before = exporter.scrape();
      ours = readings();
      after = exporter.scrape();
    }
  }

  /** Of each test, not of the class, so that the report counts what was not compared. */
  @BeforeEach
  void skipWithoutAProgram() {
    assumeTrue(
        NodeExporter.program().isPresent(), "no prometheus-node-exporter: give -Dnode.exporter");
  }

  /** OSHI's first answer takes long; the time between the scrapes is to be short. */
  private static void warmUp() {
    readings();
  }

  private static Shown readings() {
    Map<io.millwright.protocol.vocabulary.Series, Reading> all = new LinkedHashMap<>();
    Path root = Path.of("/");
    for (Source source :
        List.of(
            new KernelSource("n1", root, CallWatch.NONE),
            new HostSource("n1", Place.UNKNOWN, root, CallWatch.NONE, Metric.Tier.OPTIONAL),
            new PcieSource("n1", root, CallWatch.NONE),
            FilesystemSource.local("n1", root, CallWatch.NONE, mount -> true))) {
      for (Cadence cadence : Cadence.values()) {
        source.read(cadence, 1);
      }
      all.putAll(Shown.of(source.readings()).readings());
      source.close();
    }
    return new Shown(all);
  }

  private void compare(Line theirs, double tolerance, Metric metric, String... labels) {
    compare(theirs, 1, tolerance, ours.value(metric, labels));
  }

  private void compare(Line theirs, double scale, double tolerance, double value) {
    double first = before.sum(theirs).orElseThrow(() -> new AssertionError("no " + theirs)) * scale;
    double second = after.sum(theirs).orElseThrow() * scale;
    assertThat(value)
        .as("%s of %s to %s", theirs, first, second)
        .isBetween(Math.min(first, second) - tolerance, Math.max(first, second) + tolerance);
  }

  /** Label values of a family on their page, of both scrapes' devices. */
  private List<String> theirs(String family, String label) {
    List<String> found = new ArrayList<>();
    for (Line id : before.values().keySet()) {
      if (id.family().equals(family) && after.values().containsKey(id)) {
        found.add(id.labels().getOrDefault(label, ""));
      }
    }
    return found;
  }

  @Test
  void agreesOnCpuTime() {
    for (String mode : List.of("system", "idle", "iowait", "irq", "softirq", "steal")) {
      compare(
          Line.of("node_cpu_seconds_total", "mode", mode),
          CPU_TOLERANCE_SECONDS,
          NODE_CPU_SECONDS_TOTAL,
          mode);
    }
  }

  @Test
  void agreesOnUserTimeWhichHasGuestsInItThere() {
    double user =
        ours.value(NODE_CPU_SECONDS_TOTAL, "user")
            + ours.value(NODE_CPU_SECONDS_TOTAL, "nice")
            + ours.value(NODE_CPU_SECONDS_TOTAL, "guest");
    double first = userAndNice(before);
    double second = userAndNice(after);
    assertThat(user).isBetween(first - CPU_TOLERANCE_SECONDS, second + CPU_TOLERANCE_SECONDS);
    compare(
        new Line("node_cpu_guest_seconds_total", Map.of()),
        CPU_TOLERANCE_SECONDS,
        NODE_CPU_SECONDS_TOTAL,
        "guest");
  }

  private static double userAndNice(Page page) {
    return page.sum(Line.of("node_cpu_seconds_total", "mode", "user")).orElseThrow()
        + page.sum(Line.of("node_cpu_seconds_total", "mode", "nice")).orElseThrow();
  }

  @Test
  void agreesOnCpusOnline() {
    assertThat(ours.value(NODE_CPUS, "online"))
        .isEqualTo((double) before.count(Line.of("node_cpu_seconds_total", "mode", "idle")));
  }

  @Test
  void agreesOnLoad() {
    compare(Line.of("node_load1"), LOAD_TOLERANCE, NODE_LOAD_AVERAGE, "1m");
    compare(Line.of("node_load5"), LOAD_TOLERANCE, NODE_LOAD_AVERAGE, "5m");
    compare(Line.of("node_load15"), LOAD_TOLERANCE, NODE_LOAD_AVERAGE, "15m");
  }

  @Test
  void agreesOnMemoryAndSwap() {
    compare(Line.of("node_memory_MemTotal_bytes"), 0, NODE_MEMORY_SIZE_BYTES);
    compare(
        Line.of("node_memory_MemAvailable_bytes"),
        MEMORY_TOLERANCE_BYTES,
        NODE_MEMORY_AVAILABLE_BYTES);
    double used = swapUsed(before);
    assertThat(ours.value(NODE_MEMORY_SWAP_USED_BYTES))
        .isBetween(
            Math.min(used, swapUsed(after)) - MEMORY_TOLERANCE_BYTES,
            Math.max(used, swapUsed(after)) + MEMORY_TOLERANCE_BYTES);
  }

  private static double swapUsed(Page page) {
    return page.sum(Line.of("node_memory_SwapTotal_bytes")).orElseThrow()
        - page.sum(Line.of("node_memory_SwapFree_bytes")).orElseThrow();
  }

  @Test
  void agreesOnPressureWhereItHasAny() {
    pressure("node_pressure_cpu_waiting_seconds_total", "cpu", "some");
    pressure("node_pressure_memory_waiting_seconds_total", "memory", "some");
    pressure("node_pressure_memory_stalled_seconds_total", "memory", "full");
    pressure("node_pressure_io_waiting_seconds_total", "io", "some");
    pressure("node_pressure_io_stalled_seconds_total", "io", "full");
  }

  private void pressure(String family, String resource, String kind) {
    if (before.sum(Line.of(family)).isPresent()) {
      compare(Line.of(family), ROUNDING, NODE_PRESSURE_STALL_SECONDS_TOTAL, resource, kind);
    } else {
      assertThat(ours.reading(NODE_PRESSURE_STALL_SECONDS_TOTAL, resource, kind))
          .isInstanceOf(Reading.Unsupported.class);
    }
  }

  @Test
  void agreesOnOomKills() {
    compare(Line.of("node_vmstat_oom_kill"), 0, NODE_OOM_KILLS_TOTAL);
  }

  @Test
  void agreesOnDisks() {
    List<String> disks = theirs("node_disk_read_bytes_total", "device");
    assertThat(disks)
        .isNotEmpty()
        .containsExactlyInAnyOrderElementsOf(first(ours.labels(NODE_DISK_READ_BYTES_TOTAL)));
    for (String disk : disks) {
      device("node_disk_read_bytes_total", disk, NODE_DISK_READ_BYTES_TOTAL, disk);
      device("node_disk_written_bytes_total", disk, NODE_DISK_WRITTEN_BYTES_TOTAL, disk);
      device("node_disk_io_time_seconds_total", disk, NODE_DISK_IO_TIME_SECONDS_TOTAL, disk);
    }
  }

  @Test
  void agreesOnNetwork() {
    List<String> interfaces =
        theirs("node_network_receive_bytes_total", "device").stream()
            .filter(name -> !name.equals("lo"))
            .toList();
    assertThat(interfaces)
        .isNotEmpty()
        .containsExactlyInAnyOrderElementsOf(first(ours.labels(NODE_NETWORK_RECEIVE_BYTES_TOTAL)));
    for (String name : interfaces) {
      device("node_network_receive_bytes_total", name, NODE_NETWORK_RECEIVE_BYTES_TOTAL, name);
      device("node_network_transmit_bytes_total", name, NODE_NETWORK_TRANSMIT_BYTES_TOTAL, name);
      device("node_network_receive_errs_total", name, NODE_NETWORK_ERRORS_TOTAL, name, "receive");
      device("node_network_transmit_errs_total", name, NODE_NETWORK_ERRORS_TOTAL, name, "transmit");
      device("node_network_receive_drop_total", name, NODE_NETWORK_DROPS_TOTAL, name, "receive");
      device("node_network_transmit_drop_total", name, NODE_NETWORK_DROPS_TOTAL, name, "transmit");
    }
  }

  private void device(String family, String device, Metric metric, String... labels) {
    compare(Line.of(family, "device", device), ROUNDING, metric, labels);
  }

  private static List<String> first(List<List<String>> labels) {
    return labels.stream().map(List::getFirst).toList();
  }

  /** Node exporter shows a speed that is not known as -125000; here it is absent. */
  @Test
  void agreesOnLinks() {
    for (String name : first(ours.labels(NODE_NETWORK_UP))) {
      compare(Line.of("node_network_up", "device", name), 0, NODE_NETWORK_UP, name);
      Line speed = Line.of("node_network_speed_bytes", "device", name);
      if (before.sum(speed).orElse(-1.0) > 0) {
        compare(speed, 0, NODE_NETWORK_SPEED_BYTES_PER_SECOND, name);
      } else {
        assertThat(ours.reading(NODE_NETWORK_SPEED_BYTES_PER_SECOND, name))
            .isInstanceOf(Reading.Unsupported.class);
      }
    }
  }

  @Test
  void agreesOnFilesystems() {
    List<Line> filesystems =
        before.values().keySet().stream()
            .filter(id -> id.family().equals("node_filesystem_size_bytes"))
            .toList();
    assertThat(filesystems).isNotEmpty();
    int local = 0;
    for (Line id : filesystems) {
      String[] labels = labels(id);
      if (!new Mount(labels[0], labels[1], labels[2], false).remote()) {
        local++;
        compare(id, 0, NODE_FILESYSTEM_SIZE_BYTES, labels);
        compare(
            new Line("node_filesystem_avail_bytes", id.labels()),
            DISK_SPACE_TOLERANCE_BYTES,
            NODE_FILESYSTEM_AVAILABLE_BYTES,
            labels);
        compare(
            new Line("node_filesystem_readonly", id.labels()), 0, NODE_FILESYSTEM_READONLY, labels);
      }
    }
    assertThat(ours.labels(NODE_FILESYSTEM_SIZE_BYTES)).hasSize(local);
  }

  private static String[] labels(Line filesystem) {
    Map<String, String> labels = filesystem.labels();
    return new String[] {
      labels.getOrDefault("mountpoint", ""),
      labels.getOrDefault("device", ""),
      labels.getOrDefault("fstype", "")
    };
  }

  @Test
  void agreesOnBootTime() {
    compare(Line.of("node_boot_time_seconds"), 0, NODE_BOOT_TIMESTAMP_SECONDS);
  }

  /** Theirs follows the call's return code, which is 5 for a clock that nobody keeps. */
  @Test
  void agreesOnTheClock() {
    compare(Line.of("node_timex_sync_status"), 0, NODE_CLOCK_SYNCHRONIZED);
    if (ours.value(NODE_CLOCK_SYNCHRONIZED) == 0) {
      assertThat(ours.reading(NODE_CLOCK_OFFSET_SECONDS)).isInstanceOf(Reading.Unavailable.class);
    } else if (!ours.reading(NODE_CLOCK_OFFSET_SECONDS).equals(new Reading.Unsupported())) {
      compare(
          Line.of("node_timex_offset_seconds"), CLOCK_TOLERANCE_SECONDS, NODE_CLOCK_OFFSET_SECONDS);
    }
  }

  @Test
  void agreesOnFileDescriptors() {
    compare(
        Line.of("node_filefd_allocated"), DESCRIPTOR_TOLERANCE, NODE_FILE_DESCRIPTORS, "allocated");
    compare(Line.of("node_filefd_maximum"), 0, NODE_FILE_DESCRIPTORS, "max");
  }

  @Test
  void agreesOnNumaNodes() {
    List<String> nodes = theirs("node_memory_numa_MemTotal", "node");
    assertThat(nodes)
        .isNotEmpty()
        .containsExactlyInAnyOrderElementsOf(first(ours.labels(NODE_NUMA_MEMORY_SIZE_BYTES)));
    for (String node : nodes) {
      compare(
          Line.of("node_memory_numa_MemTotal", "node", node), 0, NODE_NUMA_MEMORY_SIZE_BYTES, node);
      compare(
          Line.of("node_memory_numa_MemFree", "node", node),
          MEMORY_TOLERANCE_BYTES,
          NODE_NUMA_MEMORY_FREE_BYTES,
          node);
    }
  }

  /** They count threads, of which a zombie has one; a state that nobody is in has no series. */
  @Test
  void agreesOnZombies() {
    Line zombies = Line.of("node_processes_state", "state", "Z");
    assertThat(ours.value(NODE_ZOMBIE_PROCESSES))
        .isBetween(
            Math.min(before.sum(zombies).orElse(0.0), after.sum(zombies).orElse(0.0))
                - ZOMBIE_TOLERANCE,
            Math.max(before.sum(zombies).orElse(0.0), after.sum(zombies).orElse(0.0))
                + ZOMBIE_TOLERANCE);
  }

  @Test
  void agreesOnIdentity() {
    Map<String, String> uname =
        before.values().keySet().stream()
            .filter(id -> id.family().equals("node_uname_info"))
            .findFirst()
            .orElseThrow()
            .labels();
    List<String> identity = ours.labels(NODE_INFO).getFirst();
    assertThat(identity.get(0)).isEqualTo(uname.get("nodename"));
    assertThat(identity.get(2)).isEqualTo(uname.get("release"));
    assertThat(identity.get(3)).isEqualTo(uname.get("machine"));
  }

  /** Chips are named otherwise there, so the sorted temperatures are compared. */
  @Test
  void agreesOnTemperaturesWhereItHasAny() {
    List<Double> theirs =
        before.values().entrySet().stream()
            .filter(each -> each.getKey().family().equals("node_hwmon_temp_celsius"))
            .map(Map.Entry::getValue)
            .sorted()
            .toList();
    assumeTrue(!theirs.isEmpty(), "this machine has no hwmon temperature");
    List<Double> measured =
        ours.readings().entrySet().stream()
            .filter(each -> each.getKey().metric() == NODE_TEMPERATURE_CELSIUS)
            .filter(each -> each.getValue() instanceof Reading.Measured)
            .map(each -> ((Reading.Measured) each.getValue()).value())
            .sorted()
            .toList();
    assertThat(measured).hasSameSizeAs(theirs);
    for (int i = 0; i < theirs.size(); i++) {
      assertThat(measured.get(i))
          .isBetween(
              theirs.get(i) - TEMPERATURE_TOLERANCE_CELSIUS,
              theirs.get(i) + TEMPERATURE_TOLERANCE_CELSIUS);
    }
  }
}
