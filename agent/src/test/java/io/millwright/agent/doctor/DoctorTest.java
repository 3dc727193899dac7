package io.millwright.agent.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.config.AgentConfig;
import io.millwright.agent.launcher.Pinned;
import io.millwright.agent.launcher.PolicyFile;
import io.millwright.agent.tool.Tool;
import io.millwright.protocol.bodies.DoctorCheck;
import io.millwright.protocol.bodies.DoctorCheck.Outcome;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.orders.OrderKey;
import io.millwright.protocol.orders.OrderKeys;
import io.millwright.protocol.orders.OrderSigner;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.health.Advice;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.health.Judgement;
import io.millwright.protocol.vocabulary.health.Scope;
import io.millwright.protocol.vocabulary.health.Subject;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One value that differs changes its own line, and the line says what to do. */
class DoctorTest {
  private static final Accelerator GPU =
      new Accelerator("n1", "3", "GPU-3", "nvidia", "B200", true);
  private static final Accelerator OTHER =
      new Accelerator("n1", "4", "GPU-4", "nvidia", "B200", true);

  @TempDir Path directory;

  private record Fact(Series series, double value) {}

  private static Fact fact(double value, Metric metric, String... labels) {
    return new Fact(Series.of(metric, labels), value);
  }

  private static Fact of(Accelerator device, double value, Metric metric, String... labels) {
    return new Fact(Series.of(metric, device, labels), value);
  }

  /** A node that is well. */
  private static List<Fact> well() {
    return new ArrayList<>(
        List.of(
            of(GPU, 1, Metric.ACCELERATOR_UP),
            of(OTHER, 1, Metric.ACCELERATOR_UP),
            of(GPU, 0, Metric.ACCELERATOR_PROCESSES),
            of(GPU, 18, Metric.ACCELERATOR_LINKS_UP, "nvlink"),
            of(GPU, 18, Metric.ACCELERATOR_LINKS_EXPECTED, "nvlink"),
            of(GPU, 16, Metric.ACCELERATOR_PCIE_LINK_WIDTH_LANES, "current"),
            of(GPU, 16, Metric.ACCELERATOR_PCIE_LINK_WIDTH_LANES, "max"),
            of(GPU, 1, Metric.ACCELERATOR_FIRMWARE_INFO, "vbios", "97.00"),
            of(OTHER, 1, Metric.ACCELERATOR_FIRMWARE_INFO, "vbios", "97.00"),
            fact(2, Metric.NODE_ACCELERATORS_EXPECTED, "n1", "nvidia"),
            fact(1, Metric.NODE_CLOCK_SYNCHRONIZED, "n1"),
            fact(100, Metric.NODE_FILESYSTEM_SIZE_BYTES, "n1", "/", "/dev/sda1", "ext4"),
            fact(50, Metric.NODE_FILESYSTEM_AVAILABLE_BYTES, "n1", "/", "/dev/sda1", "ext4"),
            fact(1, Metric.NODE_SERVICE_ACTIVE, "n1", "nvidia-fabricmanager.service"),
            fact(1, Metric.NODE_KERNEL_MODULE_LOADED, "n1", "ib_umad")));
  }

  private static Seen seen(List<Fact> facts, Set<String> held) {
    return seen(facts, held, new HealthReport(1, List.of()));
  }

  private static Seen seen(List<Fact> facts, Set<String> held, HealthReport health) {
    SeriesTable.Builder table = SeriesTable.builder();
    facts.forEach(fact -> table.add(Cadence.FAST, fact.series()));
    Readings readings = new Readings(table.build());
    for (int i = 0; i < facts.size(); i++) {
      readings.measured(i, facts.get(i).value());
    }
    return new Seen(new NodeSnapshot(1, 1, List.of(readings.sample())), health, held, true, "");
  }

  private static List<DoctorCheck> checks(List<Fact> facts) {
    Seen seen = seen(facts, Set.of());
    List<DoctorCheck> checks = new ArrayList<>(DeviceChecks.of(seen));
    checks.addAll(HostChecks.of(seen, true));
    return checks;
  }

  /** The same node with one fact in another's place. */
  private static DoctorCheck changed(String check, Fact change) {
    List<Fact> facts = well();
    facts.replaceAll(fact -> fact.series().equals(change.series()) ? change : fact);
    List<DoctorCheck> differing =
        checks(facts).stream().filter(line -> !checks(well()).contains(line)).toList();
    assertThat(differing).as(check).hasSize(1);
    assertThat(differing.getFirst().check()).isEqualTo(check);
    assertThat(differing.getFirst().fix()).isNotEmpty();
    return differing.getFirst();
  }

  @Test
  void allIsWellWhereItIs() {
    assertThat(checks(well()))
        .filteredOn(line -> !line.check().equals("driver") && !line.check().equals("verdict"))
        .allMatch(line -> line.outcome() == Outcome.OK);
  }

  @Test
  void whatIsAwaitedIsNotCalledWell() {
    Evidence awaited =
        new Evidence(
            "driver-awaited",
            2,
            Verdict.UNKNOWN,
            Advice.WATCH,
            Scope.NODE,
            "1 of 8 has not answered",
            0,
            "it answers",
            Optional.empty(),
            true);
    Judgement node = new Judgement(new Subject.Node(), Verdict.UNKNOWN, List.of(awaited));
    assertThat(HostChecks.of(seen(well(), Set.of(), new HealthReport(1, List.of(node))), true))
        .filteredOn(line -> line.check().equals("verdict"))
        .singleElement()
        .satisfies(line -> {
          assertThat(line.outcome()).isEqualTo(Outcome.WARN);
          assertThat(line.found()).startsWith("node is unknown by driver-awaited");
        });
  }

  @Test
  void findsEachThingThatIsNotWell() {
    assertThat(changed("devices", of(GPU, 0, Metric.ACCELERATOR_UP)).found())
        .isEqualTo("1 of 2 accelerators do not answer: accelerator 3");
    assertThat(
            changed("devices", fact(8, Metric.NODE_ACCELERATORS_EXPECTED, "n1", "nvidia")).found())
        .isEqualTo("2 accelerators are there and 8 are expected");
    assertThat(changed("links", of(GPU, 17, Metric.ACCELERATOR_LINKS_UP, "nvlink")).found())
        .isEqualTo("accelerator 3 has 17 of 18 nvlink up");
    assertThat(
            changed("pcie", of(GPU, 8, Metric.ACCELERATOR_PCIE_LINK_WIDTH_LANES, "current"))
                .found())
        .isEqualTo("accelerator 3 has x8 of x16");
    assertThat(changed("memory", of(GPU, 2, Metric.ACCELERATOR_PROCESSES)).found())
        .isEqualTo("processes hold accelerator 3 (2), and no job has it");
    assertThat(changed("clock", fact(0, Metric.NODE_CLOCK_SYNCHRONIZED, "n1")).outcome())
        .isEqualTo(Outcome.WARN);
    assertThat(changed("disks", available(0)).outcome()).isEqualTo(Outcome.FAIL);
    assertThat(changed("disks", available(4)).outcome()).isEqualTo(Outcome.WARN);
    assertThat(
            changed(
                    "services",
                    fact(0, Metric.NODE_SERVICE_ACTIVE, "n1", "nvidia-fabricmanager.service"))
                .found())
        .isEqualTo("nvidia-fabricmanager.service are not active");
    assertThat(
            changed("modules", fact(0, Metric.NODE_KERNEL_MODULE_LOADED, "n1", "ib_umad"))
                .outcome())
        .isEqualTo(Outcome.FAIL);
  }

  private static Fact available(double bytes) {
    return fact(bytes, Metric.NODE_FILESYSTEM_AVAILABLE_BYTES, "n1", "/", "/dev/sda1", "ext4");
  }

  @Test
  void aJobMayHoldWhatItHas() {
    List<Fact> facts = well();
    facts.replaceAll(fact ->
        fact.series().metric() == Metric.ACCELERATOR_PROCESSES
            ? of(GPU, 2, Metric.ACCELERATOR_PROCESSES)
            : fact);

    assertThat(DeviceChecks.of(seen(facts, Set.of("GPU-3"))))
        .filteredOn(line -> line.check().equals("memory"))
        .allMatch(line -> line.outcome() == Outcome.OK);
  }

  @Test
  void tellsFirmwareThatDiffers() {
    List<Fact> facts = well();
    facts.add(of(OTHER, 1, Metric.ACCELERATOR_FIRMWARE_INFO, "vbios", "96.00"));

    assertThat(DeviceChecks.of(seen(facts, Set.of())))
        .filteredOn(line -> line.check().equals("firmware"))
        .extracting(DoctorCheck::found)
        .containsExactly("B200 vbios: 96.00 and 97.00");
  }

  @Test
  void saysWhatItCouldNotLookAt() {
    assertThat(checks(List.of())).allMatch(line -> line.outcome() == Outcome.SKIPPED);
  }

  @Test
  void findsAConfigurationThatOthersCanChange() throws IOException {
    Path file = Files.writeString(directory.resolve("agent.yaml"), "{}");
    AgentConfig config = AgentConfig.standard("n1");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(FileChecks.of(config, Optional.of(file)).getFirst().outcome()).isEqualTo(Outcome.OK);

    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-r--"));
    DoctorCheck open = FileChecks.of(config, Optional.of(file)).getFirst();
    assertThat(open.outcome()).isEqualTo(Outcome.FAIL);
    assertThat(open.fix()).contains("chmod go-w");
  }

  @Test
  void saysWhetherStartsAreSigned() throws IOException {
    Path place = directory.toRealPath();
    Path policy = place.resolve("policy.yaml");
    Path orders = place.resolve("orders.d");
    assertThat(FileChecks.orders("n1", policy, orders)).as("no job runs here").isEmpty();

    written(policy, "users: [a]\nargv_roots: [/usr]\ndemo: true\n");
    assertThat(FileChecks.orders("n1", policy, orders).orElseThrow())
        .isEqualTo(
            DoctorCheck.ok("orders", "starts are not signed: no key is pinned in " + orders));
    written(policy, "users: [a]\nargv_roots: [/usr]\ndemo: true\nsigned_starts: required\n");
    assertThat(FileChecks.orders("n1", policy, orders).orElseThrow().outcome())
        .isEqualTo(Outcome.FAIL);

    OrderKey key = OrderSigner.create().key();
    Files.createDirectory(orders);
    Files.setPosixFilePermissions(orders, PosixFilePermissions.fromString("rwxr-xr-x"));
    written(orders.resolve("a.pub"), key.pem());
    written(orders.resolve("node"), "another");
    assertThat(FileChecks.orders("n1", policy, orders).orElseThrow().found())
        .isEqualTo("the launcher takes starts of node 'another', and the agent is 'n1'");
    written(orders.resolve("node"), "n1");
    boolean root = System.getProperty("user.name").equals("root");
    OrderKeys keys = new OrderKeys(List.of(key));
    assertThat(Pinned.read(orders)).isEqualTo(new Pinned.By(keys, "n1", !root));
    assertThat(FileChecks.orders("n1", true, new Pinned.By(keys, "n1", false), orders))
        .isEqualTo(DoctorCheck.ok("orders", "starts are signed by [" + key.id() + "]"));
    DoctorCheck own = FileChecks.orders("n1", true, new Pinned.By(keys, "n1", true), orders);
    assertThat(own.outcome()).as("root's launcher believes root alone").isEqualTo(Outcome.FAIL);
    assertThat(own.found()).contains("belongs to this user");
    Files.setPosixFilePermissions(
        orders.resolve("a.pub"), PosixFilePermissions.fromString("rw-rw-rw-"));
    assertThat(FileChecks.orders("n1", policy, orders).orElseThrow().outcome())
        .isEqualTo(Outcome.FAIL);
  }

  private static void written(Path file, String text) throws IOException {
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
  }

  /** Under a real systemd by LifecycleTest of the module systemd. */
  @Test
  void saysWhereNobodyEndsLeasesWithoutTheAgent() throws IOException {
    Path place = directory.toRealPath();
    Path policy = place.resolve("policy.yaml");
    Path bus = place.resolve("bus");
    assertThat(LeaseCheck.of(PolicyFile.read(policy), bus, 0)).as("no job runs here").isEmpty();
    written(policy, "users: [a]\nargv_roots: [/usr]\ndemo: true\n");
    assertThat(LeaseCheck.of(PolicyFile.read(policy), bus, 0)).as("no leases here").isEmpty();
    written(policy, "users: [a]\nargv_roots: [/usr]\ndemo: true\nleases: [stop]\n");
    assertThat(LeaseCheck.of(PolicyFile.read(policy), bus, 0).orElseThrow().outcome())
        .isEqualTo(Outcome.SKIPPED);
    written(bus, "no socket");
    DoctorCheck silent = LeaseCheck.of(PolicyFile.read(policy), bus, 0).orElseThrow();
    assertThat(silent.outcome()).isEqualTo(Outcome.WARN);
    assertThat(silent.found())
        .startsWith("systemd does not say whether millwright-leases.path is active: ");

    assertThat(LeaseCheck.of(unit -> Optional.of("active")).outcome()).isEqualTo(Outcome.OK);
    for (Optional<String> state : List.of(Optional.of("failed"), Optional.<String>empty())) {
      DoctorCheck bad = LeaseCheck.of(unit -> state);
      assertThat(bad.outcome()).isEqualTo(Outcome.FAIL);
      assertThat(bad.found())
          .contains("and millwright-leases.path is " + state.orElse("not loaded") + ": ");
      assertThat(bad.fix()).startsWith("'systemctl start millwright-leases.path'");
    }
  }

  // ---- units and mounts

  private void lay(String file, String text) throws IOException {
    Path at = directory.resolve(file);
    Files.createDirectories(at.resolveSibling("."));
    Files.writeString(at, text);
  }

  @Test
  void looksAtTheUnitsOfAPackage() throws IOException {
    assertThat(UnitChecks.of(directory, "1.0", true).outcome()).isEqualTo(Outcome.SKIPPED);
    lay("usr/lib/systemd/system/millwright-agent.service", "ExecStart=/usr/bin/agent run\n");
    assertThat(UnitChecks.of(directory, "1.0", false).found())
        .isEqualTo("not installed: millwright-agent.socket");
    lay("usr/lib/systemd/system/millwright-agent.socket", "");
    assertThat(UnitChecks.of(directory, "1.0", false).found())
        .endsWith("millwright-agent.service starts /usr/bin/agent, which is not there");
    lay("usr/bin/agent", "");
    assertThat(UnitChecks.of(directory, "1.0", false).found()).contains("not enabled");
    lay("etc/systemd/system/multi-user.target.wants/millwright-agent.service", "");
    assertThat(UnitChecks.of(directory, "1.0", false).outcome()).isEqualTo(Outcome.OK);
    assertThat(UnitChecks.of(directory, "1.0", true).found())
        .startsWith("not installed: millwright-launcher.socket");
  }

  @Test
  void tellsAPackageOfAnotherVersion() throws IOException {
    lay("usr/lib/systemd/system/millwright-agent.service", "ExecStart=/usr/bin/agent run\n");
    lay("usr/lib/systemd/system/millwright-agent.socket", "");
    lay("usr/bin/agent", "");
    lay("etc/systemd/system/multi-user.target.wants/millwright-agent.service", "");
    lay(
        "var/lib/dpkg/status",
        """
        Package: other
        Status: install ok installed
        Version: 3

        Package: millwright-agent
        Status: install ok installed
        Version: 1.0~snapshot
        """);
    assertThat(UnitChecks.of(directory, "1.0-SNAPSHOT", false).outcome()).isEqualTo(Outcome.OK);
    DoctorCheck other = UnitChecks.of(directory, "1.1", false);
    assertThat(other.outcome()).isEqualTo(Outcome.WARN);
    assertThat(other.found())
        .isEqualTo("the installed package is 1.0~snapshot and this program is 1.1");
  }

  @Test
  void findsAReadOnlyFileSystemUnderTheState() throws IOException {
    AgentConfig config = AgentConfig.standard("n1");
    lay(
        "proc/self/mountinfo",
        """
        1 0 8:1 / / rw - ext4 /dev/a rw
        2 1 8:2 / /var/lib rw - ext4 /dev/b rw
        3 1 8:3 / /srv ro - ext4 /dev/c ro
        """);
    assertThat(MountChecks.of(directory, config).outcome()).isEqualTo(Outcome.OK);
    lay(
        "proc/self/mountinfo",
        """
        1 0 8:1 / / rw - ext4 /dev/a rw
        2 1 8:2 / /var/lib ro - ext4 /dev/b ro
        """);
    DoctorCheck shut = MountChecks.of(directory, config);
    assertThat(shut.outcome()).isEqualTo(Outcome.FAIL);
    assertThat(shut.found()).contains("/var/lib/millwright/agent/evidence (on /var/lib)");
    assertThat(shut.fix()).contains("remount,rw");
  }

  // ---- neuron-ls

  private DoctorCheck neuron(String script) throws IOException {
    Path program = Files.writeString(directory.resolve("neuron-ls"), "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    return ofOneDevice(program.toString());
  }

  private static DoctorCheck ofOneDevice(String program) {
    Series info =
        new Series(
            Metric.ACCELERATOR_INFO,
            List.of(
                "n1",
                "0",
                "NEURON-1",
                "aws",
                "Trainium2",
                "0000:cc:00.0",
                "s",
                "",
                "2.21",
                "",
                "",
                "0",
                "0"),
            false);
    Seen seen = seen(List.of(new Fact(info, 1)), Set.of());
    return NeuronList.of(program, seen, new Tool(Clock.system()));
  }

  @Test
  void holdsTheListOfNeuronLsAgainstItsOwn() throws IOException {
    assertThat(neuron("echo '[{\"neuron_device\":0,\"bdf\":\"cc:00.0\",\"more\":[1]}]'").outcome())
        .isEqualTo(Outcome.OK);
    assertThat(neuron("echo '{\"neuron_devices\":[{\"bdf\":\"0000:CC:00.0\"}]}'").outcome())
        .isEqualTo(Outcome.OK);
    DoctorCheck differs = neuron("echo '[{\"bdf\":\"cc:00.0\"},{\"bdf\":\"cd:00.0\"}]'");
    assertThat(differs.outcome()).isEqualTo(Outcome.FAIL);
    assertThat(differs.found())
        .isEqualTo("it lists 2 devices and the agent sees 1; only one of them has cd:00.0");
    assertThat(neuron("echo no json; exit 1").outcome()).isEqualTo(Outcome.WARN);
  }

  @Test
  void skipsNeuronLsWhereItIsNotThere() {
    assertThat(ofOneDevice("").fix()).endsWith(" /opt/aws/neuron/bin/neuron-ls");
    Seen seen = seen(List.of(), Set.of());
    Tool tool = new Tool(Clock.system());
    assertThat(NeuronList.of("", seen, tool).outcome()).isEqualTo(Outcome.SKIPPED);
    assertThat(NeuronList.of("/nonexistent/neuron-ls", seen, tool).outcome())
        .isEqualTo(Outcome.SKIPPED);
  }
}
