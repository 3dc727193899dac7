package io.millwright.simulator;

import static io.millwright.simulator.WatchedNode.soon;

import io.millwright.agent.lane.Probe;
import io.millwright.agent.lane.SourceProbe;
import io.millwright.drivers.host.FilesystemSource;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.Judgement;
import io.millwright.protocol.vocabulary.health.Subject;
import io.millwright.protocol.vocabulary.health.Verdict;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

/**
 * A simulated node whose health is judged: devices by the simulated library, the kernel log by a
 * file, file systems by a crafted mount table, other probes by switches. Time can be put forward
 * for the rules alone.
 */
final class JudgedNode implements AutoCloseable {
  static final int NODE = -1;

  /** Beneath a mount point that is only in the table. */
  static final Path NOWHERE = Path.of("/data/health");

  /** The kernel log is looked at ten times a second. */
  private static final int TICKS_OF_THE_LOG = 8;

  /** What ends the rules of devices that did not answer. */
  private static final Duration LONGEST_AFTER_A_FAULT = Duration.ofSeconds(11);

  private static final String MOUNTS =
      """
      1 0 8:1 / /data rw - ext4 /dev/a rw
      2 0 8:2 / /other rw - ext4 /dev/b rw
      """;

  final OffsetClock clock = new OffsetClock();
  final SwitchedProbe host = new SwitchedProbe("host");
  final SwitchedProbe inventory = new SwitchedProbe("inventory");
  final SwitchedProbe other = new SwitchedProbe("other");
  final Map<Integer, RunId> jobs = new ConcurrentHashMap<>();
  final ShownMount remote = new ShownMount("/nas", "nfs4");
  private final Path tree;
  private final Path kernelLog;
  private final Path state;
  private final Metric.Tier tier;
  private final SimulatedNode simulated;
  private final List<SourceProbe> lanes = new ArrayList<>();
  private WatchedNode watched;
  private long lines;

  /** Of the lines, how many have been given the time to be read. */
  private long settled;

  JudgedNode(String... scenario) throws IOException {
    this(NOWHERE, scenario);
  }

  /**
   * @param state where events are kept; by default beneath a mount point that is only in the table
   */
  JudgedNode(Path state, String... scenario) throws IOException {
    this(state, Metric.Tier.BASE, scenario);
  }

  /**
   * @param tier the last tier of families that is read
   */
  JudgedNode(Path state, Metric.Tier tier, String... scenario) throws IOException {
    this.state = state;
    this.tier = tier;
    this.tree = Scratch.directory("mw-host");
    this.kernelLog = tree.resolve("kernel-log");
    Files.createDirectories(tree.resolve("proc/self"));
    Files.createDirectory(tree.resolve("data"));
    Files.createDirectory(tree.resolve("other"));
    Files.createFile(kernelLog);
    mounts(MOUNTS);
    simulated = WatchedNode.simulated(scenario);
    SourceProbe filesystems =
        new SourceProbe(
            "filesystems",
            "filesystems",
            Clock.system(),
            WatchedNode.ALL_AT_ONCE,
            calls -> FilesystemSource.local("node1", tree, calls, mount -> true));
    filesystems.start();
    lanes.add(filesystems);
    watched = WatchedNode.start(around("boot"), simulated);
  }

  private WatchedNode.Surroundings around(String bootId) {
    List<Probe> probes = new ArrayList<>(lanes);
    probes.addAll(List.of(host, inventory, other, remote));
    return new WatchedNode.Surroundings(
        clock, bootId, Optional.of(kernelLog), state, this::holders, probes, tier);
  }

  /** The agent ends and starts anew; under another boot id, so did the node. */
  void restart(String bootId) {
    watched.close();
    settled = -1; // the log is read again
    watched = WatchedNode.start(around(bootId), simulated);
  }

  /** The node boots: its kernel log begins anew, and so does the agent. */
  void reboot() throws IOException {
    watched.close();
    Files.writeString(kernelLog, "");
    lines = 0;
    settled = -1;
    watched = WatchedNode.start(around("another boot"), simulated);
  }

  private Map<String, RunId> holders() {
    Map<String, RunId> holders = new ConcurrentHashMap<>();
    jobs.forEach((device, run) -> uuid(device).ifPresent(uuid -> holders.put(uuid, run)));
    return holders;
  }

  /** The uuid of the device that has this index now. */
  Optional<String> uuid(int device) {
    return watched.health().judgements().stream()
        .map(Judgement::subject)
        .filter(Subject.Device.class::isInstance)
        .map(Subject.Device.class::cast)
        .filter(one -> one.index().equals(Integer.toString(device)))
        .map(Subject.Device::uuid)
        .findFirst();
  }

  WatchedNode watched() {
    return watched;
  }

  Path tree() {
    return tree;
  }

  void command(String line) {
    try {
      simulated.command(line);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String bus(int device) {
    try {
      return simulated.get(device).getOrDefault("pci_bus_id", "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void mounts(String table) throws IOException {
    Path next = tree.resolve("proc/self/mountinfo.next");
    Files.writeString(next, table);
    Files.move(
        next,
        tree.resolve("proc/self/mountinfo"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  /** A line as the kernel would write it now. */
  void kernel(String text) {
    record(0, text);
  }

  /** A line as the kernel has it of a user who wrote to it. */
  void user(String text) {
    record(1, text);
  }

  private void record(int facility, String text) {
    lines++;
    String record =
        "%d,%d,%d,-;%s\n".formatted(facility * 8 + 4, lines, clock.nanos() / 1000, text);
    try {
      Files.writeString(kernelLog, record, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All of this rule that is said of a device, or of the node. */
  List<Evidence> evidence(int device, String rule) {
    return judgement(device).stream()
        .flatMap(judgement -> judgement.evidence().stream())
        .filter(one -> one.rule().equals(rule))
        .toList();
  }

  boolean speaks(int device, String rule) {
    return !evidence(device, rule).isEmpty();
  }

  Optional<Verdict> verdict(int device) {
    return judgement(device).map(Judgement::verdict);
  }

  private Optional<Judgement> judgement(int device) {
    return watched.health().judgements().stream().filter(one -> isOf(one, device)).findFirst();
  }

  private static boolean isOf(Judgement judgement, int device) {
    return switch (judgement.subject()) {
      case Subject.Node() -> device == NODE;
      case Subject.Device(String index, String uuid) -> index.equals(Integer.toString(device));
    };
  }

  /**
   * A device that was slow to answer on a busy machine is well again after a while, which is not
   * waited for: the clock of the rules is put forward.
   */
  JudgedNode awaitOk() {
    soon().until(() -> watched.health().judgements().size() >= 8);
    awaitAfterFaults(() -> watched.health().verdict() == Verdict.OK, this::allAnswer);
    return this;
  }

  /** The same of one device. */
  void awaitOk(int device) {
    awaitAfterFaults(
        () -> verdict(device).equals(Optional.of(Verdict.OK)), () -> watched.up(device));
  }

  private boolean allAnswer() {
    Set<String> up = watched.upByUuid();
    return watched.health().judgements().stream()
        .map(Judgement::subject)
        .allMatch(
            one -> !(one instanceof Subject.Device(String _, String uuid)) || up.contains(uuid));
  }

  /**
   * @param answers whether the fault is over: from then on its rules need time
   */
  private void awaitAfterFaults(BooleanSupplier well, BooleanSupplier answers) {
    Advances advances = new Advances();
    soon()
        .until(() -> {
          if (!well.getAsBoolean() && answers.getAsBoolean()) {
            settle();
            advances.once(() -> clock.advance(LONGEST_AFTER_A_FAULT));
            ticks(2);
          }
          return well.getAsBoolean();
        });
  }

  /** Until so many more ticks were judged. */
  void ticks(int more) {
    new Hurried(watched.sampler()).ticks(more);
  }

  /** Until all that was changed before was read by those that answer, and judged. */
  void settle() {
    new Hurried(watched.sampler()).rounds(lanes, lane -> false);
    awaitLog();
    watched.settle();
  }

  private void awaitLog() {
    if (lines > settled) {
      settled = lines;
      long until = watched.snapshot().sequence() + TICKS_OF_THE_LOG;
      soon().until(() -> watched.snapshot().sequence() >= until);
    }
  }

  @Override
  public void close() {
    watched.close();
    lanes.forEach(SourceProbe::stop);
  }
}
