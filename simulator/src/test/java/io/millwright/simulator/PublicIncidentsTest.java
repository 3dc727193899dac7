package io.millwright.simulator;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ERROR_EVENTS_TOTAL;
import static io.millwright.simulator.JudgedNode.NODE;
import static io.millwright.simulator.WatchedNode.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.host.Requirements;
import io.millwright.agent.host.ServiceSource;
import io.millwright.agent.lane.SourceProbe;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.health.Judgement;
import io.millwright.protocol.vocabulary.health.Subject;
import io.millwright.protocol.vocabulary.health.Verdict;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What other agents got wrong in public, through the real path: the simulated library, the kernel
 * log as a file, the agent's own lanes. {@code public-incidents.tsv} says where each was reported.
 */
class PublicIncidentsTest {
  private static final int DEVICES = 8;
  private static final int FLOOD = 800_000;
  private static final int DISTINCT = 29;
  private static final int WORST_NODE = 1_232;
  private static final Path TABLE =
      Path.of("src", "test", "resources", "judgement", "public-incidents.tsv");

  private static String address(JudgedNode node, int device) {
    String bus = node.bus(device).toLowerCase(Locale.ROOT);
    return bus.substring(bus.length() - "0000:1a:00.0".length(), bus.length() - 2);
  }

  private static double count(JudgedNode node, int device, String code) {
    return node.watched()
        .value(device, ACCELERATOR_ERROR_EVENTS_TOTAL, "xid", code)
        .orElse(Double.NaN);
  }

  private static JudgedNode watched(JudgedNode node) {
    node.awaitOk();
    soon().until(() -> count(node, 1, "79") == 0);
    soon()
        .until(() ->
            node.watched()
                .simulated()
                .command("calls")
                .contains("nvmlDeviceRegisterEvents=" + DEVICES));
    return node;
  }

  /** Writes records of the kernel at once; none may have been written one by one before. */
  private static void kernelLog(JudgedNode node, int lines, IntFunction<String> text)
      throws IOException {
    long micros = node.clock.nanos() / 1000;
    try (Writer log =
        Files.newBufferedWriter(node.tree().resolve("kernel-log"), StandardOpenOption.APPEND)) {
      for (int i = 0; i < lines; i++) {
        log.write("4,%d,%d,-;".formatted(i + 1, micros) + text.apply(i) + "\n");
      }
    }
  }

  private static List<Verdict> devices(JudgedNode node) {
    return IntStream.range(0, DEVICES)
        .mapToObj(device -> node.verdict(device).orElse(Verdict.UNKNOWN))
        .toList();
  }

  private static Optional<Judgement> judgement(JudgedNode node, String uuid) {
    return node.watched().health().judgements().stream()
        .filter(one ->
            one.subject() instanceof Subject.Device(String index, String own) && own.equals(uuid))
        .findFirst();
  }

  @Test
  void aFloodOfUncontainedErrorsIsOneDeviceAndHidesNothing() throws Exception {
    try (JudgedNode node = watched(new JudgedNode())) {
      String broken = "NVRM: Xid (PCI:%s): 95, pid=".formatted(address(node, 1));
      String other = "NVRM: Xid (PCI:%s): 31, pid=1, name=a, MMU Fault".formatted(address(node, 2));
      kernelLog(
          node,
          FLOOD,
          i ->
              i == FLOOD / 2
                  ? other
                  : broken + i % DISTINCT + ", name=python3, Uncontained: LTC TAG. RST: Yes");
      soon().atMost(Duration.ofSeconds(90)).until(() -> count(node, 1, "95") == FLOOD - 1);
      assertThat(node.verdict(1)).contains(Verdict.FAILED);
      assertThat(node.evidence(1, "xid-reset")).hasSize(1);
      assertThat(count(node, 2, "31")).isEqualTo(1);
      node.awaitOk(2);
      assertThat(node.verdict(NODE)).as("nothing is said of the node itself").isEmpty();

      node.command("fault 1 reset");
      node.awaitOk(1);
    }
  }

  @Test
  void aFloodOfXid45CondemnsNobody() throws Exception {
    try (JudgedNode node = watched(new JudgedNode())) {
      IntStream.range(0, DEVICES).forEach(device -> node.jobs.put(device, new RunId("train", 1)));
      node.command("fault all xid 45");
      List<String> addresses =
          IntStream.range(0, DEVICES).mapToObj(device -> address(node, device)).toList();
      kernelLog(
          node,
          WORST_NODE,
          i ->
              "NVRM: Xid (PCI:%s): 45, pid=%d, name=python3, Ch 0000000c caused by previous Xid 145"
                  .formatted(addresses.get(i % DEVICES), 1_818_987 + i));
      soon()
          .until(() ->
              IntStream.range(0, DEVICES)
                  .allMatch(device -> count(node, device, "45") >= WORST_NODE / DEVICES));
      assertThat(devices(node)).doesNotContain(Verdict.FAILED);
      assertThat(node.verdict(NODE)).as("nothing is said of the node itself").isEmpty();

      node.clock.advance(Duration.ofDays(1).plusHours(1));
      IntStream.range(0, DEVICES).forEach(node::awaitOk);
    }
  }

  @Test
  void aDeviceThatLeftWithoutATraceIsNotForgotten() throws Exception {
    try (JudgedNode node = watched(new JudgedNode())) {
      String uuid = node.uuid(3).orElseThrow();
      node.command("fault 3 gone");
      soon()
          .until(() -> {
            node.clock.advance(Duration.ofSeconds(10));
            node.ticks(2);
            return judgement(node, uuid).map(Judgement::verdict).equals(Optional.of(Verdict.FAILED))
                && node.speaks(NODE, "accelerators-missing");
          });
      node.awaitOk(2);

      node.command("fault 3 return");
      soon()
          .until(() -> {
            node.clock.advance(Duration.ofSeconds(10));
            node.ticks(2);
            return node.watched().health().verdict() == Verdict.OK;
          });
    }
  }

  @Test
  void aNodeWithoutADeviceIsNotWell() throws Exception {
    try (JudgedNode node = new JudgedNode("profile b200", "fault all gone")) {
      soon()
          .until(() -> {
            node.clock.advance(Duration.ofSeconds(10));
            node.ticks(2);
            return node.speaks(NODE, "accelerators-missing");
          });
      assertThat(node.watched().health().verdict()).isEqualTo(Verdict.FAILED);

      node.command("fault all return");
      soon()
          .until(() -> {
            node.clock.advance(Duration.ofSeconds(10));
            node.ticks(2);
            return node.watched().health().verdict() == Verdict.OK
                && devices(node).stream().allMatch(Verdict.OK::equals);
          });
    }
  }

  /** No device is ever identified: the driver counts them, and no handle can be had. */
  @Test
  void aDriverThatHangsAtTheStartLeavesTheNodeOutOfUse() throws Exception {
    try (JudgedNode node =
        new JudgedNode("profile b200", "fault all hang nvmlDeviceGetHandleByIndex_v2")) {
      soon().until(() -> node.verdict(NODE).equals(Optional.of(Verdict.UNKNOWN)));
      soon()
          .until(() -> {
            node.clock.advance(Duration.ofSeconds(10));
            node.ticks(2);
            return node.speaks(NODE, "accelerators-missing");
          });
      assertThat(node.watched().health().verdict()).isEqualTo(Verdict.FAILED);

      node.command("fault all release");
      soon()
          .until(() -> {
            node.clock.advance(Duration.ofSeconds(10));
            node.ticks(2);
            return node.watched().health().verdict() == Verdict.OK
                && devices(node).stream().allMatch(Verdict.OK::equals);
          });
    }
  }

  @Test
  void aFileSystemThatStallsIsTheNodesAndHoldsUpNothing() throws Exception {
    try (JudgedNode node = watched(new JudgedNode())) {
      node.remote.answer(false);
      soon()
          .until(() -> {
            node.clock.advance(Duration.ofSeconds(5));
            node.ticks(2);
            return node.speaks(NODE, "filesystem-hangs");
          });
      assertThat(node.evidence(NODE, "filesystem-hangs").getFirst().verdict())
          .isEqualTo(Verdict.DEGRADED);
      IntStream.range(0, DEVICES).forEach(node::awaitOk);

      node.remote.answer(true);
      soon()
          .until(() -> {
            node.clock.advance(Duration.ofSeconds(10));
            node.ticks(2);
            return !node.speaks(NODE, "filesystem-hangs");
          });
    }
  }

  @Test
  void aDeviceThatABootBroughtBackIsWell() throws Exception {
    try (JudgedNode node =
        watched(new JudgedNode(Scratch.directory("mw-state").resolve("health")))) {
      node.command("fault 1 xid 79");
      soon().until(() -> node.verdict(1).equals(Optional.of(Verdict.FAILED)));
      node.command("fault 1 return");
      node.reboot();
      node.awaitOk(1);
      assertThat(node.evidence(1, "xid-reboot")).isEmpty();
    }
  }

  @Test
  void aPartThatWasReplacedIsWell() throws Exception {
    try (JudgedNode node = watched(new JudgedNode())) {
      node.command("set 1 remap_failed 1");
      soon().until(() -> node.verdict(1).equals(Optional.of(Verdict.FAILED)));
      node.command("set 1 remap_failed 0");
      soon()
          .until(() -> {
            node.clock.advance(Duration.ofSeconds(5));
            node.ticks(2);
            return node.verdict(1).equals(Optional.of(Verdict.OK));
          });
    }
  }

  @Test
  void linesThatSayNonfatalLeaveTheDevice() throws Exception {
    try (JudgedNode node = watched(new JudgedNode())) {
      node.kernel(
          "NVRM: Xid (PCI:%s): 145, RLW_SRC_TRACK Nonfatal XC1 i0 Link 17 (0x04084507 0x00000004)"
              .formatted(address(node, 1)));
      soon().until(() -> count(node, 1, "145") == 1);
      soon().until(() -> node.verdict(1).equals(Optional.of(Verdict.DEGRADED)));
      node.kernel(
          "NVRM: Xid (PCI:%s): 149, NETIR_LINK_EVT Fatal XC0 i0 Link 00 (0x025001c6 0x00000000)"
              .formatted(address(node, 2)));
      soon().until(() -> node.verdict(2).equals(Optional.of(Verdict.FAILED)));
    }
  }

  @Test
  void aDeviceThatFellOffWithoutANumberIsOut() throws Exception {
    try (JudgedNode node = watched(new JudgedNode())) {
      node.kernel(
          "NVRM: The NVIDIA GPU %s.0\\x0aNVRM: (PCI ID: 10de:26b5) installed in this system has\\x0a"
                  .formatted(address(node, 4))
              + "NVRM: fallen off the bus and is not responding to commands.");
      soon().until(() -> node.verdict(4).equals(Optional.of(Verdict.FAILED)));
      node.ticks(1); // the series are published behind the report
      assertThat(count(node, 4, "79")).isEqualTo(1);
    }
  }

  /** Eight devices, where a tray has four: what is read of the machine is what counts here. */
  @Test
  void anIdleTrayWithoutImexIsWell() throws Exception {
    Path root = Scratch.directory("mw-tray");
    Path device = Files.createDirectories(root.resolve("sys/bus/pci/devices/0008:01:00.0"));
    Files.writeString(device.resolve("class"), "0x030200\n");
    Files.writeString(device.resolve("vendor"), "0x10de\n");
    Files.writeString(device.resolve("device"), "0x31c2\n");
    Files.createDirectories(root.resolve("sys/module/nvidia"));
    Path units = Files.createDirectories(root.resolve("usr/lib/systemd/system"));
    Files.writeString(units.resolve("nvidia-imex.service"), "[Service]\n");
    SourceProbe services =
        new SourceProbe(
            "services",
            "services",
            Clock.system(),
            WatchedNode.QUICK,
            calls ->
                new ServiceSource(
                    "node1", Requirements.packaged(List.of(), List.of()), root, 0, calls));
    services.start();
    WatchedNode.Surroundings around =
        new WatchedNode.Surroundings(
            Clock.system(),
            "boot",
            Optional.empty(),
            Path.of("/nowhere/of/this/machine"),
            Map::of,
            List.of(services),
            Metric.Tier.BASE);
    try (WatchedNode node =
        WatchedNode.start(around, WatchedNode.simulated("profile gb300", "devices 8"))) {
      soon()
          .until(() ->
              node.health().judgements().size() == DEVICES
                  && node.health().verdict() == Verdict.OK);
      assertThat(watchedServices(node)).isEmpty();

      Path wants =
          Files.createDirectories(root.resolve("etc/systemd/system/multi-user.target.wants"));
      Files.createSymbolicLink(
          wants.resolve("nvidia-imex.service"), units.resolve("nvidia-imex.service"));
      soon().until(() -> watchedServices(node).equals(Set.of("nvidia-imex")));
    } finally {
      services.stop();
    }
  }

  private static Set<String> watchedServices(WatchedNode node) {
    return node.snapshot().samples().stream()
        .map(Sample::table)
        .flatMap(table -> IntStream.range(0, table.size()).mapToObj(table::series))
        .filter(series -> series.metric() == Metric.NODE_SERVICE_ACTIVE)
        .map(series -> series.labelValues().getLast())
        .collect(Collectors.toSet());
  }

  @Test
  void eachIncidentOfTheTableHasItsTestHere() throws Exception {
    Set<String> tests =
        Arrays.stream(PublicIncidentsTest.class.getDeclaredMethods())
            .filter(method -> method.isAnnotationPresent(Test.class))
            .map(method -> method.getName())
            .filter(name -> !name.equals("eachIncidentOfTheTableHasItsTestHere"))
            .collect(Collectors.toSet());
    assertThat(
            Files.readAllLines(TABLE).stream()
                .skip(1)
                .map(line -> line.substring(line.lastIndexOf('\t') + 1))
                .toList())
        .containsExactlyInAnyOrderElementsOf(tests);
  }
}
