package io.millwright.agent.launcher.root;

import io.millwright.agent.launcher.DeviceClass;
import io.millwright.agent.launcher.Layout;
import io.millwright.agent.launcher.NeuronGrant;
import io.millwright.agent.launcher.NeuronHost;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.DeviceSet;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The device nodes that belong to a run's accelerators, as the kernel's drivers themselves tell it:
 * neither the collector nor the agent says which file is which device.
 *
 * <p>Systemd leaves a node that is not there out of a unit's rule without a word. So each is looked
 * at first: it must be a character device of a driver of a class that the policy allows.
 */
record DeviceNodes(Layout.HostFiles host, Set<DeviceClass> allowed) {
  private static final int KIND = 0170000;
  private static final int CHARACTER = 0020000;
  private static final Pattern PROCESSORS =
      Pattern.compile("[0-9]{1,4}(-[0-9]{1,4})?(,[0-9]{1,4}(-[0-9]{1,4})?)*");

  /** What every program on an NVIDIA accelerator opens beside the device's own node. */
  private static final List<String> NVIDIA_NEEDED = List.of("nvidiactl");

  private static final List<String> NVIDIA_IF_THERE = List.of("nvidia-uvm", "nvidia-uvm-tools");

  /** What a run gets of Neuron's devices; empty where it asks for none. */
  Optional<NeuronGrant.Given> granted(Assignment assignment) throws Refusal {
    if (!NeuronHost.asked(assignment)) {
      return Optional.empty();
    }
    return switch (host.neuron().grant(assignment)) {
      case NeuronGrant.Refused(String sentence) -> throw new Refusal(sentence);
      case NeuronGrant.Given given -> Optional.of(given);
    };
  }

  /**
   * The paths, all of them looked at.
   *
   * @param granted what {@link #granted} said of this assignment
   */
  List<Path> of(Assignment assignment, Optional<NeuronGrant.Given> granted)
      throws Refusal, IOException {
    DeviceSet devices = assignment.devices();
    if (devices.uuids().isEmpty()) {
      return List.of();
    }
    Map<Long, String> drivers = drivers();
    List<Path> nodes =
        new ArrayList<>(
            switch (devices.kind()) {
              case GPU -> nvidia(devices, drivers);
              case NEURON -> neuron(granted.orElseThrow().numbers(), drivers);
            });
    if (allowed.contains(DeviceClass.INFINIBAND)) {
      nodes.addAll(infiniband(drivers));
    }
    return nodes;
  }

  /** A device has one node, and a program on it opens no other. */
  private List<Path> neuron(List<Integer> numbers, Map<Long, String> drivers)
      throws Refusal, IOException {
    List<Path> nodes = new ArrayList<>();
    for (int number : numbers) {
      nodes.add(looked(host.nodes().resolve("neuron" + number), DeviceClass.NEURON, drivers));
    }
    return nodes;
  }

  /**
   * What is near a run's devices, as the kernel tells it of their PCI functions ({@code numa_node},
   * Documentation/ABI/testing/sysfs-bus-pci) and of its NUMA nodes ({@code cpulist},
   * Documentation/ABI/stable/sysfs-devices-node). A device without a node is near nothing.
   *
   * @param granted what {@link #granted} said of this assignment
   */
  Near near(Assignment assignment, Optional<NeuronGrant.Given> granted) throws IOException {
    List<Path> functions = new ArrayList<>();
    switch (assignment.devices().kind()) {
      case GPU -> {
        Map<String, Gpu> gpus = gpus();
        for (String uuid : assignment.devices().uuids()) {
          Gpu gpu = gpus.get(uuid);
          functions.add(
              host.sys().resolve("bus/pci/devices").resolve(gpu == null ? "-" : gpu.address()));
        }
      }
      case NEURON ->
          granted
              .map(NeuronGrant.Given::numbers)
              .orElse(List.of())
              .forEach(number -> functions.add(host.neuron().devices().resolve("neuron" + number)));
    }
    Set<Integer> processors = new HashSet<>();
    Set<Integer> memory = new HashSet<>();
    for (Path function : functions) {
      Optional<Integer> node =
          word(function.resolve("numa_node"))
              .or(() -> word(function.resolve("device/numa_node")))
              .filter(DeviceNodes::number)
              .map(Integer::valueOf);
      Optional<String> theirs =
          node.flatMap(number ->
                  word(host.sys().resolve("devices/system/node/node" + number + "/cpulist")))
              .filter(list -> PROCESSORS.matcher(list).matches());
      if (theirs.isEmpty()) {
        return Near.UNKNOWN;
      }
      memory.add(node.orElseThrow());
      processors.addAll(numbers(theirs.get()));
    }
    return new Near(processors, memory);
  }

  private static Optional<String> word(Path file) {
    try {
      return Optional.of(Files.readString(file).strip());
    } catch (IOException absent) {
      return Optional.empty();
    }
  }

  private static boolean number(String word) {
    return word.matches("[0-9]{1,4}");
  }

  /** Of {@code 0-3,8}. */
  private static Set<Integer> numbers(String list) {
    Set<Integer> numbers = new HashSet<>();
    for (String range : list.split(",")) {
      String[] ends = range.split("-");
      int last = Integer.parseInt(ends[ends.length - 1]);
      for (int i = Integer.parseInt(ends[0]); i <= last; i++) {
        numbers.add(i);
      }
    }
    return numbers;
  }

  private List<Path> nvidia(DeviceSet devices, Map<Long, String> drivers)
      throws Refusal, IOException {
    List<Path> nodes = new ArrayList<>();
    Map<String, Gpu> gpus = gpus();
    for (String uuid : devices.uuids()) {
      nodes.add(
          looked(host.nodes().resolve("nvidia" + minor(uuid, gpus)), DeviceClass.NVIDIA, drivers));
    }
    for (String name : NVIDIA_NEEDED) {
      nodes.add(looked(host.nodes().resolve(name), DeviceClass.NVIDIA, drivers));
    }
    for (String name : NVIDIA_IF_THERE) {
      if (Files.exists(host.nodes().resolve(name), LinkOption.NOFOLLOW_LINKS)) {
        nodes.add(looked(host.nodes().resolve(name), DeviceClass.NVIDIA, drivers));
      }
    }
    return nodes;
  }

  private static String minor(String uuid, Map<String, Gpu> gpus) throws Refusal {
    Gpu gpu = gpus.get(uuid);
    if (gpu == null) {
      throw new Refusal(
          "devices: '%s' is refused; NVIDIA's driver on this node has %s"
              .formatted(uuid, gpus.isEmpty() ? "no devices" : gpus.keySet()));
    }
    return gpu.minor();
  }

  /**
   * A device as NVIDIA's driver shows it.
   *
   * @param address of its PCI function
   * @param minor number of its node
   */
  private record Gpu(String address, String minor) {}

  /** From {@code /proc/driver/nvidia/gpus/<address>/information}, by UUID. */
  private Map<String, Gpu> gpus() throws IOException {
    Map<String, Gpu> found = new HashMap<>();
    try (DirectoryStream<Path> gpus = Files.newDirectoryStream(host.gpus())) {
      for (Path gpu : gpus) {
        Map<String, String> words = new HashMap<>();
        for (String line : Files.readAllLines(gpu.resolve("information"))) {
          int colon = line.indexOf(':');
          if (colon > 0) {
            words.put(line.substring(0, colon).strip(), line.substring(colon + 1).strip());
          }
        }
        String uuid = words.get("GPU UUID");
        String minor = words.get("Device Minor");
        if (uuid != null && minor != null && number(minor)) {
          found.put(uuid, new Gpu(String.valueOf(gpu.getFileName()), minor));
        }
      }
    } catch (NoSuchFileException absent) {
      return Map.of();
    }
    return found;
  }

  private List<Path> infiniband(Map<Long, String> drivers) throws Refusal, IOException {
    List<Path> nodes = new ArrayList<>();
    try (DirectoryStream<Path> verbs =
        Files.newDirectoryStream(host.nodes().resolve("infiniband"), "{uverbs*,rdma_cm}")) {
      for (Path node : verbs) {
        if (!node.endsWith("rdma_cm")) {
          nodes.add(looked(node, DeviceClass.INFINIBAND, drivers));
        }
      }
    } catch (NoSuchFileException absent) {
      return List.of();
    }
    return nodes;
  }

  private Path looked(Path node, DeviceClass wanted, Map<Long, String> drivers)
      throws Refusal, IOException {
    if (!allowed.contains(wanted)) {
      throw new Refusal(
          "devices: '%s' is refused by this node's policy; allowed are device_classes %s"
              .formatted(node, allowed.stream().map(DeviceClass::word).sorted().toList()));
    }
    Map<String, Object> facts;
    try {
      facts = Files.readAttributes(node, "unix:mode,rdev", LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException absent) {
      throw new Refusal("devices: there is no node " + node + "; load the driver's device nodes");
    }
    long mode = ((Number) facts.getOrDefault("mode", 0)).longValue();
    long number = ((Number) facts.getOrDefault("rdev", 0L)).longValue();
    String driver = drivers.getOrDefault(major(number), "no driver");
    if ((mode & KIND) != CHARACTER || !wanted.owns(driver)) {
      throw new Refusal(
          "devices: '%s' is refused; it is no character device of %s but of %s"
              .formatted(node, wanted.word(), driver));
    }
    return node;
  }

  /** As the C library splits a device's number. */
  static long major(long number) {
    return ((number >> 8) & 0xfff) | ((number >> 32) & ~0xfffL);
  }

  /** The character devices of {@code /proc/devices}: a number and a name a line. */
  private Map<Long, String> drivers() throws IOException {
    Map<Long, String> drivers = new HashMap<>();
    boolean characters = false;
    for (String line : Files.readAllLines(host.devices())) {
      if (line.endsWith(":")) {
        characters = line.startsWith("Character");
      }
      String[] words = line.strip().split(" +");
      if (characters && words.length == 2 && words[0].matches("[0-9]{1,4}")) {
        drivers.put(Long.valueOf(words[0]), words[1]);
      }
    }
    return drivers;
  }
}
