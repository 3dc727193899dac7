package io.millwright.agent.launcher.root;

import io.millwright.agent.launcher.DeviceClass;
import io.millwright.agent.launcher.Layout;
import io.millwright.agent.launcher.NeuronGrant;
import io.millwright.agent.launcher.NeuronHost;
import io.millwright.agent.launcher.verb.Verb;
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
import java.util.LinkedHashSet;
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

  private static final String CAPABILITY = "DeviceFileMinor:";

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
   * Where the MIG instances of a run are. The agent says which they are, because the kernel does
   * not know their UUIDs; that they are there the driver says.
   *
   * @param told by the agent
   * @return in the order of the run's devices; none of one that has whole ones
   */
  List<MigInstance> instances(Assignment assignment, List<Verb.Instance> told)
      throws Refusal, IOException {
    List<String> uuids = assignment.devices().uuids();
    List<String> wanted = uuids.stream().filter(DeviceNodes::isInstance).toList();
    if (wanted.isEmpty()) {
      return List.of();
    }
    if (wanted.size() < uuids.size()) {
      throw new Refusal(
          "devices: %s are refused; allowed are whole devices, or MIG instances alone"
              .formatted(uuids));
    }
    Map<String, NvidiaGpu> gpus = gpus();
    List<MigInstance> found = new ArrayList<>();
    for (String uuid : wanted) {
      Verb.Instance place =
          told.stream()
              .filter(one -> one.uuid().equals(uuid))
              .findFirst()
              .orElseThrow(() ->
                  new Refusal(
                      "devices: '%s' is refused; the agent does not say of which device it is an instance"
                          .formatted(uuid)));
      found.add(instance(place, known(place.gpu(), gpus)));
    }
    return found;
  }

  private static boolean isInstance(String uuid) {
    return uuid.startsWith("MIG-");
  }

  private MigInstance instance(Verb.Instance told, NvidiaGpu gpu) throws Refusal, IOException {
    Path gpuInstance = capabilities(gpu).resolve(told.gpuInstance());
    List<Path> computeInstances = entries(gpuInstance, told.computeInstance().orElse("ci*"));
    if (computeInstances.size() != 1) {
      throw new Refusal(
          "devices: '%s' is refused; NVIDIA's driver on this node has %s compute instances at %s"
              .formatted(
                  told.uuid(),
                  computeInstances.isEmpty() ? "no" : computeInstances.size() + "",
                  gpuInstance));
    }
    return new MigInstance(gpu, gpuInstance, computeInstances.getFirst());
  }

  private Path capabilities(NvidiaGpu gpu) {
    return host.gpus().resolveSibling("capabilities").resolve("gpu" + gpu.minor()).resolve("mig");
  }

  /**
   * The paths, all of them looked at.
   *
   * @param granted what {@link #granted} said of this assignment
   * @param instances what {@link #instances} said of it
   */
  List<Path> of(
      Assignment assignment, Optional<NeuronGrant.Given> granted, List<MigInstance> instances)
      throws Refusal, IOException {
    DeviceSet devices = assignment.devices();
    if (devices.uuids().isEmpty()) {
      return List.of();
    }
    Map<Long, String> drivers = drivers();
    List<Path> nodes =
        new ArrayList<>(
            switch (devices.kind()) {
              case GPU -> nvidia(devices, instances, drivers);
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
   * @param instances what {@link #instances} said of it: each is near to what its GPU is near to
   */
  Near near(Assignment assignment, Optional<NeuronGrant.Given> granted, List<MigInstance> instances)
      throws IOException {
    List<Path> functions = new ArrayList<>();
    switch (assignment.devices().kind()) {
      case GPU -> {
        Path bus = host.sys().resolve("bus/pci/devices");
        Map<String, NvidiaGpu> gpus = instances.isEmpty() ? gpus() : Map.of();
        instances.forEach(one -> functions.add(bus.resolve(one.gpu().address())));
        for (String uuid : instances.isEmpty() ? assignment.devices().uuids() : List.<String>of()) {
          NvidiaGpu gpu = gpus.get(uuid);
          functions.add(bus.resolve(gpu == null ? "-" : gpu.address()));
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

  private List<Path> nvidia(
      DeviceSet devices, List<MigInstance> instances, Map<Long, String> drivers)
      throws Refusal, IOException {
    Set<Path> nodes = new LinkedHashSet<>();
    for (MigInstance instance : instances) {
      nodes.add(capability(instance.gpuInstance(), drivers));
      nodes.add(capability(instance.computeInstance(), drivers));
      nodes.add(looked(node(instance.gpu()), DeviceClass.NVIDIA, drivers));
    }
    if (instances.isEmpty()) {
      Map<String, NvidiaGpu> gpus = gpus();
      for (String uuid : devices.uuids()) {
        nodes.add(looked(node(whole(uuid, gpus)), DeviceClass.NVIDIA, drivers));
      }
    }
    for (String name : NVIDIA_NEEDED) {
      nodes.add(looked(host.nodes().resolve(name), DeviceClass.NVIDIA, drivers));
    }
    for (String name : NVIDIA_IF_THERE) {
      if (Files.exists(host.nodes().resolve(name), LinkOption.NOFOLLOW_LINKS)) {
        nodes.add(looked(host.nodes().resolve(name), DeviceClass.NVIDIA, drivers));
      }
    }
    return List.copyOf(nodes);
  }

  private static List<Path> entries(Path directory, String glob) throws IOException {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, glob)) {
      stream.forEach(entries::add);
    } catch (NoSuchFileException absent) {
      return List.of();
    }
    return entries;
  }

  private Path node(NvidiaGpu gpu) {
    return host.nodes().resolve("nvidia" + gpu.minor());
  }

  /** One of which others may have instances is nobody's as a whole. */
  private NvidiaGpu whole(String uuid, Map<String, NvidiaGpu> gpus) throws Refusal, IOException {
    NvidiaGpu gpu = known(uuid, gpus);
    if (!entries(capabilities(gpu), "gi*").isEmpty()) {
      throw new Refusal(
          "devices: '%s' is refused; it is divided (MIG), and its instances are given one by one"
              .formatted(uuid));
    }
    return gpu;
  }

  private static NvidiaGpu known(String uuid, Map<String, NvidiaGpu> gpus) throws Refusal {
    NvidiaGpu gpu = gpus.get(uuid);
    if (gpu == null) {
      throw new Refusal(
          "devices: '%s' is refused; NVIDIA's driver on this node has %s"
              .formatted(uuid, gpus.isEmpty() ? "no devices" : gpus.keySet()));
    }
    return gpu;
  }

  /**
   * The node of an instance's capability: {@code DeviceFileMinor: 30} of its file {@code access} is
   * {@code /dev/nvidia-caps/nvidia-cap30} (NVIDIA's MIG User Guide, device nodes and capabilities).
   */
  private Path capability(Path instance, Map<Long, String> drivers) throws Refusal, IOException {
    String minor =
        word(instance.resolve("access"))
            .flatMap(text -> text.lines().filter(line -> line.startsWith(CAPABILITY)).findFirst())
            .map(line -> line.substring(CAPABILITY.length()).strip())
            .filter(DeviceNodes::number)
            .orElseThrow(() ->
                new Refusal(
                    "devices: %s does not say the number of its node"
                        .formatted(instance.resolve("access"))));
    Path node =
        looked(
            host.nodes().resolve("nvidia-caps").resolve("nvidia-cap" + minor),
            DeviceClass.NVIDIA,
            drivers);
    long number =
        ((Number) Files.getAttribute(node, "unix:rdev", LinkOption.NOFOLLOW_LINKS)).longValue();
    boolean own = drivers.getOrDefault(major(number), "").equals("nvidia-caps");
    if (!own || minor(number) != Long.parseLong(minor)) {
      throw new Refusal(
          "devices: '%s' is refused; it is not number %s of nvidia-caps".formatted(node, minor));
    }
    return node;
  }

  /** From {@code /proc/driver/nvidia/gpus/<address>/information}, by UUID. */
  private Map<String, NvidiaGpu> gpus() throws IOException {
    Map<String, NvidiaGpu> found = new HashMap<>();
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
          found.put(uuid, new NvidiaGpu(String.valueOf(gpu.getFileName()), minor));
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

  /** As the C library splits it. */
  static long minor(long number) {
    return (number & 0xff) | ((number >> 12) & ~0xffL & 0xffffffffL);
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
