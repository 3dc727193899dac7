package io.millwright.simulator;

import static io.millwright.simulator.WatchedNode.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.host.ModuleSource;
import io.millwright.agent.host.Requirements;
import io.millwright.drivers.host.HostSource;
import io.millwright.drivers.host.Place;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.simulator.JudgedHost.Case;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The rules of the host's memory, disks, sensors, services and limits, over a crafted tree: near,
 * fired, ended. The readings of systemd, of the launcher and of the kernel's clock are shown, not
 * read; their sources have tests of their own.
 */
class HostRulesTest {
  private static final String ECC = "sys/devices/system/edac/mc/mc0/";
  private static final String SUPPLY = "sys/class/hwmon/hwmon0/";
  private static final String FAN = "sys/class/hwmon/hwmon1/fan1_input";

  private static final Series CLOCK = Series.of(Metric.NODE_CLOCK_SYNCHRONIZED, "node1");
  private static final Series SERVICE = Series.of(Metric.NODE_SERVICE_ACTIVE, "node1", "slurmd");
  private static final Series IMEX = Series.of(Metric.NODE_SERVICE_ACTIVE, "node1", "nvidia-imex");
  private static final Series WARNING =
      Series.of(Metric.NODE_NVME_CRITICAL_WARNING, "node1", "nvme0");
  private static final Series WORN =
      Series.of(Metric.NODE_NVME_ENDURANCE_USED_RATIO, "node1", "nvme0");
  private static final Series SPARE =
      Series.of(Metric.NODE_NVME_AVAILABLE_SPARE_RATIO, "node1", "nvme0");
  private static final Series MEDIA =
      Series.of(Metric.NODE_NVME_MEDIA_ERRORS_TOTAL, "node1", "nvme0");

  private final ShownReadings shown =
      new ShownReadings(
          new TreeMap<>(
                  Map.of(0, CLOCK, 1, SERVICE, 2, WARNING, 3, WORN, 4, SPARE, 5, MEDIA, 6, IMEX))
              .values().stream().collect(Collectors.toMap(one -> one, HostRulesTest::first)));

  private static double first(Series one) {
    return one.equals(WARNING) || one.equals(MEDIA) ? 0 : one.equals(WORN) ? 0.5 : 1;
  }

  private Case shows(String rule, Series series, double near, double fire, double end) {
    return new Case(
        rule,
        series.labelValues().size() > 1 ? series.labelValues().get(1) : "clock",
        host -> shown.show(series, near),
        host -> shown.show(series, fire),
        host -> shown.show(series, end));
  }

  private List<Case> standing() {
    return List.of(
        new Case(
            "host-ecc-uncorrected",
            "mc0",
            host -> host.write(ECC + "ce_count", "8\n"),
            host -> host.write(ECC + "ue_count", "1\n"),
            host -> host.write(ECC + "ue_count", "0\n")),
        Case.file("raid-degraded", "md0", "sys/block/md0/md/degraded", "0\n", "1\n", "0\n"),
        Case.file(
            "limit-near",
            "file_descriptors",
            "proc/sys/fs/file-nr",
            "899\t0\t1000\n",
            "900\t0\t1000\n",
            "700\t0\t1000\n"),
        new Case(
            "power-supply",
            "0",
            host -> host.write(SUPPLY + "in1_min_alarm", "1\n"),
            host -> host.write(SUPPLY + "in1_lcrit_alarm", "1\n"),
            host -> host.write(SUPPLY + "in1_lcrit_alarm", "0\n")),
        Case.file("fan-stopped", "fan1", FAN, "60\n", "0\n", "900\n"),
        Case.file(
            "module-missing",
            "nvidia_peermem",
            "proc/modules",
            "nvidia_peermem 1 0 - Live 0x0\n",
            "nvidia_peermem 1 0 - Unloading 0x0\n",
            "other 1 0 - Live 0x0\nnvidia_peermem 1 0 - Live 0x0\n"));
  }

  private List<Case> shownOnes() {
    return List.of(
        shows("clock-unsynchronized", CLOCK, 1, 0, 1),
        shows("service-inactive", SERVICE, 1, 0, 1),
        shows("imex-inactive", IMEX, 1, 0, 1),
        shows("nvme-warning", WARNING, 0, 1, 0),
        shows("nvme-worn", WORN, 0.99, 1, 0.01),
        shows("nvme-spare-low", SPARE, 0.1, 0.09, 1));
  }

  private List<Case> growing() {
    return List.of(
        Case.file("host-ecc-corrected", "mc0", ECC + "ce_count", "1001\n", "1002\n", "1002\n"),
        shows("nvme-media-errors", MEDIA, 0, 1, 1));
  }

  private static Case fails(String rule, SwitchedProbe near, SwitchedProbe fails) {
    return new Case(
        rule,
        fails.name(),
        host -> near.fail(true),
        host -> fails.fail(true),
        host -> fails.fail(false));
  }

  /** What has a case here. */
  static Set<String> rules() {
    HostRulesTest test = new HostRulesTest();
    Set<String> rules =
        new TreeSet<>(
            List.of(
                "accelerators-fewer",
                "zombies",
                "processes-blocked",
                "probe-blind",
                "probe-sensors",
                "kernel-log-unread"));
    Stream.of(test.standing(), test.growing(), test.shownOnes())
        .flatMap(List::stream)
        .forEach(one -> rules.add(one.rule()));
    return rules;
  }

  private static JudgedHost read(JudgedHost host) {
    Requirements needed = Requirements.packaged(List.of(), List.of("nvidia_peermem"));
    return host.with(
            "inventory",
            calls ->
                new HostSource("node1", Place.UNKNOWN, host.tree(), calls, Metric.Tier.EXTENDED))
        .with("modules", calls -> new ModuleSource("node1", needed, host.tree(), calls))
        .start();
  }

  private static void lay(JudgedHost host) {
    host.write(ECC + "ce_count", "2\n");
    host.write(ECC + "ue_count", "0\n");
    host.write("sys/block/md0/md/degraded", "0\n");
    host.write("proc/sys/fs/file-nr", "100\t0\t1000\n");
    host.write("proc/modules", "nvidia_peermem 1 0 - Live 0x0\n");
    host.write(SUPPLY + "name", "pfe1100\n");
    host.write(SUPPLY + "in1_input", "230000\n");
    host.write(SUPPLY + "in1_lcrit_alarm", "0\n");
    host.write("sys/class/hwmon/hwmon1/name", "nct6775\n");
    host.write(FAN, "900\n");
  }

  @Test
  void whatStandsAsItShouldNot() throws IOException {
    try (JudgedHost host = new JudgedHost()) {
      lay(host);
      read(host).prove(standing());
    }
  }

  @Test
  void whatServicesDisksAndTheClockTell() throws IOException {
    try (JudgedHost host = new JudgedHost()) {
      host.with(shown).start().prove(shownOnes());
    }
  }

  @Test
  void whatGrowsTooMuch() throws IOException {
    try (JudgedHost host = new JudgedHost()) {
      lay(host);
      read(host.with(shown)).prove(growing());
    }
  }

  @Test
  void processesThatDoNotEnd() throws IOException {
    try (JudgedHost host = new JudgedHost()) {
      for (int pid = 1; pid < 1000; pid++) {
        process(host, pid, 'Z');
      }
      for (int pid = 2001; pid < 2100; pid++) {
        process(host, pid, 'D');
      }
      read(host)
          .prove(
              List.of(
                  process("zombies", 'Z', 1000, "zombie"),
                  process("processes-blocked", 'D', 2100, "uninterruptible")));
    }
  }

  private static Case process(String rule, char state, int last, String word) {
    return new Case(
        rule,
        word,
        host -> process(host, last, 'S'),
        host -> process(host, last, state),
        host -> process(host, last, 'S'));
  }

  private static void process(JudgedHost host, int pid, char state) {
    host.write("proc/%d/stat".formatted(pid), "%d (a) b) %c 1 1\n".formatted(pid, state));
  }

  @Test
  void probesThatFail() throws IOException {
    List<SwitchedProbe> probes = new ArrayList<>();
    for (String name : List.of("services", "rapl", "kmsg", "other")) {
      probes.add(new SwitchedProbe(name));
    }
    try (JudgedHost host = new JudgedHost()) {
      probes.forEach(host::with);
      host.start()
          .prove(
              List.of(
                  fails("probe-blind", probes.get(3), probes.get(0)),
                  fails("probe-sensors", probes.get(3), probes.get(1)),
                  fails("kernel-log-unread", probes.get(3), probes.get(2))));
    }
  }

  /** An idle tray under Kubernetes has none: it is shown, and the node is well. */
  @Test
  void imexThatDoesNotRunIsNotHeldAgainstTheNode() throws IOException {
    try (JudgedHost host = new JudgedHost()) {
      host.with(shown).start().settle();
      shown.show(IMEX, 0);
      soon()
          .until(() -> {
            host.pass(Duration.ofSeconds(121));
            return host.speaks("imex-inactive");
          });
      assertThat(host.speaks("service-inactive")).isFalse();
      assertThat(host.evidence("imex-inactive")).allMatch(Evidence::observeOnly);
    }
  }

  /** Eight were counted before the node booted, and nobody has said how many there must be. */
  @Test
  void aDeviceThatABootDidNotBringBackIsMissed() throws IOException {
    Series count = Series.of(Metric.NODE_ACCELERATORS, "node1", "nvidia", "some model");
    ShownReadings counted = new ShownReadings(Map.of(count, 8.0));
    try (JudgedHost host = new JudgedHost()) {
      host.with(counted).start().settle();
      host.reboot();
      host.settle();
      host.pass(Duration.ofSeconds(121));
      assertThat(host.speaks("accelerators-fewer")).as("all came back").isFalse();
      counted.show(count, 7);
      host.reboot();
      soon()
          .until(() -> {
            host.pass(Duration.ofSeconds(121));
            return host.speaks("accelerators-fewer");
          });
      assertThat(host.evidence("accelerators-fewer").getFirst().observed())
          .isEqualTo("7 accelerators are there, and 8 were before");
      counted.show(count, 8);
      soon()
          .until(() -> {
            host.pass(Duration.ofSeconds(11));
            return !host.speaks("accelerators-fewer");
          });
    }
  }

  @Test
  void aKernelLogThatIsNotThere() throws IOException {
    try (JudgedHost host = new JudgedHost()) {
      host.withoutKernelLog();
      host.start().settle();
      assertThat(host.speaks("kernel-log-unread")).isFalse();
      soon()
          .until(() -> {
            host.pass(Duration.ofSeconds(61));
            return host.speaks("kernel-log-unread");
          });
    }
  }
}
