package io.millwright.drivers.neuron;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.host.Directory;
import io.millwright.protocol.vocabulary.Metric;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The Neuron driver's devices, under {@code sys/devices/virtual/neuron_device/neuron<N>}.
 *
 * <p><i>Lifecycle:</i> nothing is held but which ioctls the driver does not know; each question
 * looks anew. <i>Threading:</i> any thread. <i>Failure:</i> what cannot be read is absent.
 */
public final class NeuronTree {
  private static final Pattern DEVICE = Pattern.compile("neuron([0-9]{1,3})");

  private static final Pattern VERSION =
      Pattern.compile("([0-9]{1,5})\\.([0-9]{1,5})\\.([0-9]{1,5})");

  /** The first driver that can be unloaded while its files are read. */
  private static final int[] MENDED = {2, 26, 5};

  /** What says that a tree is a simulator's. */
  private static final String SIMULATED = "millwright-simulated";

  private final Path root;
  private final Path devices;
  private final String node;
  private final Metric.Tier tier;
  private final UnknownCalls unknown = new UnknownCalls();

  /**
   * @param root where {@code sys} is: {@code /} but in simulations and tests
   * @param node value of the label {@code node}
   * @param tier the last tier of families that is read
   */
  public NeuronTree(Path root, String node, Metric.Tier tier) {
    this.root = root;
    this.devices = root.resolve("sys/devices/virtual/neuron_device");
    this.node = node;
    this.tier = tier;
  }

  /** Whether the driver is loaded; it then has a place for devices, and may have none. */
  public boolean driverLoaded() {
    return Files.isDirectory(devices) || Files.isDirectory(root.resolve("sys/module/neuron"));
  }

  /** The driver's version, as in {@code 2.26.5.0}; empty where it does not say. */
  public String driverVersion(CallWatch watch) {
    return new NeuronFacts(root.resolve("sys/module/neuron"), watch).text("version").orElse("");
  }

  /**
   * Whether this is a driver whose files are freed while they are still read when it is unloaded:
   * those before 2.26.5, by its release notes. One that does not say its version is none.
   */
  public static boolean crashesWhenUnloaded(String version) {
    Matcher numbers = VERSION.matcher(version);
    if (!numbers.lookingAt()) {
      return false;
    }
    for (int i = 0; i < MENDED.length; i++) {
      int order = Integer.compare(Integer.parseInt(numbers.group(i + 1)), MENDED[i]);
      if (order != 0) {
        return order < 0;
      }
    }
    return false;
  }

  /** The numbers of the devices that are there, ascending; there may be gaps. */
  public List<Integer> numbers() {
    List<Integer> numbers = new ArrayList<>();
    for (Path entry : Directory.entries(devices, "neuron[0-9]*")) {
      Matcher name = DEVICE.matcher(Directory.name(entry));
      if (name.matches() && Files.isDirectory(entry)) {
        numbers.add(Integer.valueOf(name.group(1)));
      }
    }
    return numbers.stream().sorted().distinct().toList();
  }

  /** Whether the tree is a simulator's, which says so by the file {@code millwright-simulated}. */
  public boolean simulated() {
    return Files.exists(root.resolve(SIMULATED));
  }

  /** Who the device of this number is; empty where there is none. Reads its serial number. */
  public Optional<NeuronIdentity> identity(int number, CallWatch watch) {
    Path directory = directory(number);
    return Files.isDirectory(directory)
        ? Optional.of(NeuronIdentity.read(directory, number, node, simulated(), watch))
        : Optional.empty();
  }

  /** Opens the device of this number, for the lane that will read it; empty where it is gone. */
  public Optional<NeuronDevice> open(int number, CallWatch watch) {
    return identity(number, watch).map(identity -> open(identity, watch));
  }

  /**
   * Opens the device that was found to be this one, which is not asked again who it is.
   *
   * @param identity as {@link #identity} told it
   */
  public NeuronDevice open(NeuronIdentity identity, CallWatch watch) {
    String version = driverVersion(watch);
    unknown.attached(version);
    return NeuronDevice.open(
        directory(identity.number()),
        identity,
        version,
        cores -> logicalCores(identity, cores, watch),
        tier,
        watch);
  }

  private LogicalCores logicalCores(NeuronIdentity identity, int cores, CallWatch watch) {
    NeuronCalls calls = simulated() ? new SimulatedCalls(root) : new DeviceCalls(root);
    try (NeuronQuestions questions = new NeuronQuestions(calls, unknown, watch)) {
      return new LogicalCores(
          questions.cores(identity.number()),
          cores,
          LogicalCores.perLogical(root, identity.family()));
    }
  }

  /** The node's place in its UltraServer, as the driver tells it now. */
  public UltraServer ultraServer(CallWatch watch) {
    return UltraServer.read(new NeuronFacts(root.resolve("sys/class/neuron_device"), watch));
  }

  Path directory(int number) {
    return devices.resolve("neuron" + number);
  }
}
