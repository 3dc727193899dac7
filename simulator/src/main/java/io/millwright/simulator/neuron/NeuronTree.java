package io.millwright.simulator.neuron;

import io.millwright.simulator.neuron.TreeDescription.Entry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The model as files: {@code sys}, {@code proc} and a marker that says what they are.
 *
 * <p><i>Lifecycle:</i> {@link #build} once, {@link #refresh} after each move of the model, {@link
 * #delete}. <i>Threading:</i> the model's owner. <i>Failure:</i> an {@link IOException} of the file
 * system.
 */
final class NeuronTree {
  static final String MARKER = "millwright-simulated";
  private static final String DEVICES = "sys/devices/virtual/neuron_device";
  private static final String CLASS = "sys/class/neuron_device";
  private static final String MODULE = "sys/module/neuron";
  private static final String MAKING = ".making";
  private static final int MOST_OPEN = 2000;
  private static final int BUFFER = 20;
  private static final int READABLE = 0444;

  private final Path root;
  private final NeuronModel model;
  private final TreeDescription description;
  private final SysfsFile.Budget budget = new SysfsFile.Budget(MOST_OPEN);
  private final List<Leaf> ofNode = new ArrayList<>();
  private final Map<Integer, List<Leaf>> ofDevices = new TreeMap<>();
  private final Set<Path> made = new HashSet<>();

  NeuronTree(Path root, NeuronModel model, TreeDescription description) {
    this.root = root;
    this.model = model;
    this.description = description;
  }

  /** Makes the tree; one that was left there is deleted first. */
  void build() throws IOException {
    delete();
    Files.createDirectories(root);
    Files.writeString(
        root.resolve(MARKER),
        "Nothing in here comes from a Neuron device: Millwright's simulator makes it up."
            + " Profile %s, driver %s.\n".formatted(model.profile(), model.driver()),
        StandardCharsets.UTF_8);
    directory(root.resolve("proc"));
    Leaf numbers =
        new Leaf.Words(
            new SysfsFile(root.resolve("proc/devices"), READABLE, budget),
            "proc/devices",
            model.overrides,
            this::numbers);
    numbers.createAt(numbers.file().path());
    ofNode.add(numbers);
    if (model.loaded()) {
      load();
    }
  }

  private String numbers() {
    String row = model.loaded() ? "%3d neuron\n".formatted(model.major()) : "";
    return "Character devices:\n  1 mem\n" + row + "\nBlock devices:\n  7 loop\n";
  }

  // ---- the driver

  /** What comes with the driver. */
  void load() throws IOException {
    directory(root.resolve(CLASS));
    for (Entry entry : entries("node")) {
      Leaf leaf =
          leaf(
              entry, root, "", model.overrides, () -> model.text(entry.quantity()), new Counters());
      create(leaf, leaf.file().path());
      ofNode.add(leaf);
    }
    for (DeviceModel device : model.devices()) {
      if (!device.gone()) {
        add(device);
      }
    }
  }

  /** And goes with it. */
  void unload() throws IOException {
    for (int index : List.copyOf(ofDevices.keySet())) {
      remove(index);
    }
    for (Leaf leaf : List.copyOf(ofNode)) {
      if (!leaf.path().startsWith("proc/")) {
        leaf.file().vanish();
        ofNode.remove(leaf);
      }
    }
    for (String gone : List.of(CLASS, DEVICES, MODULE)) {
      deleteAll(root.resolve(gone));
      forget(root.resolve(gone));
    }
  }

  // ---- devices

  /** A device appears. */
  void add(DeviceModel device) throws IOException {
    String name = "neuron" + device.index();
    Path directory = root.resolve(DEVICES).resolve(name);
    List<Leaf> leaves = new ArrayList<>();
    for (Entry entry : entries("device")) {
      leaves.add(
          leaf(
              entry,
              directory,
              "",
              device.overrides,
              () -> device.text(entry.quantity()),
              device.counters));
    }
    List<Entry> ofCores = entries("core");
    for (int number = 0; number < device.cores.size(); number++) {
      CoreModel core = device.cores.get(number);
      for (Entry entry : ofCores) {
        Supplier<String> text =
            entry.quantity().equals("pe_cntrs")
                ? core::tensorEngine
                : () -> device.text(entry.quantity());
        String prefix = "neuron_core" + number + "/";
        leaves.add(leaf(entry, directory, prefix, device.overrides, text, core.counters));
      }
    }
    Path making = root.resolve(MAKING).resolve(name);
    for (Leaf leaf : leaves) {
      create(leaf, making.resolve(leaf.path()));
    }
    link(making.resolve("subsystem"), "../../../../class/neuron_device");
    forget(making);
    directory(root.resolve(DEVICES));
    Files.move(making, directory, StandardCopyOption.ATOMIC_MOVE); // nobody sees half a device
    link(root.resolve(CLASS).resolve(name), "../../devices/virtual/neuron_device/" + name);
    ofDevices.put(device.index(), leaves);
  }

  /** A device vanishes; who has one of its files open reads an empty file from then on. */
  void remove(int index) throws IOException {
    String name = "neuron" + index;
    Path directory = root.resolve(DEVICES).resolve(name);
    Files.deleteIfExists(root.resolve(CLASS).resolve(name));
    for (Leaf leaf : leaves(index)) {
      leaf.file().vanish();
    }
    ofDevices.remove(index);
    deleteAll(directory);
    forget(directory);
  }

  private List<Leaf> leaves(int index) {
    return Optional.ofNullable(ofDevices.get(index)).orElse(List.of());
  }

  /**
   * The file of a device, or of the node where there is no index.
   *
   * @throws IllegalArgumentException where there is none
   */
  Leaf leaf(Optional<Integer> index, String path) {
    return index.map(this::leaves).orElse(ofNode).stream()
        .filter(leaf -> leaf.path().equals(path))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "file: %s, allowed: a file of the %s, as in %s"
                    .formatted(
                        path,
                        index.isPresent() ? "device's directory" : "tree",
                        index.isPresent()
                            ? "stats/power/utilization"
                            : "sys/class/neuron_device/hbm_7200_capable")));
  }

  /** Every file of a device that hangs is a file again. */
  void release(int index) throws IOException {
    for (Leaf leaf : leaves(index)) {
      leaf.file().answer(leaf.text());
    }
  }

  /** Writes what has changed. */
  void refresh() throws IOException {
    for (Leaf leaf : ofNode) {
      leaf.refresh();
    }
    for (List<Leaf> leaves : ofDevices.values()) {
      for (Leaf leaf : leaves) {
        leaf.refresh();
      }
    }
  }

  // ---- making

  private List<Entry> entries(String scope) {
    return description.entries(scope, model.driver(), model.profile().chip().familyWord());
  }

  private Leaf leaf(
      Entry entry,
      Path directory,
      String prefix,
      Map<String, String> overrides,
      Supplier<String> text,
      Counters counters) {
    String path = prefix + entry.path();
    SysfsFile file = new SysfsFile(directory.resolve(path), entry.mode(), budget);
    return switch (entry.form()) {
      case BARE -> new Leaf.Words(file, path, overrides, text);
      case LINE -> new Leaf.Words(file, path, overrides, () -> text.get() + "\n");
      case LINE20 -> new Leaf.Words(file, path, overrides, () -> cut(text.get() + "\n"));
      case COUNT -> {
        int slash = entry.quantity().lastIndexOf('/');
        Counter counter = counters.of(entry.quantity().substring(0, slash));
        String measure = entry.quantity().substring(slash + 1);
        yield new Leaf.Count(file, path, overrides, () -> counter.measure(measure));
      }
    };
  }

  /** The driver's buffer: what does not fit is not told at all. */
  static String cut(String line) {
    return line.length() > BUFFER ? "" : line;
  }

  private void create(Leaf leaf, Path place) throws IOException {
    directory(Optional.ofNullable(place.getParent()).orElseThrow());
    leaf.createAt(place);
  }

  private void directory(Path wanted) throws IOException {
    if (made.add(wanted)) {
      Path above = Optional.ofNullable(wanted.getParent()).orElseThrow();
      if (!above.equals(root)) {
        directory(above);
      }
      if (!Files.isDirectory(wanted, LinkOption.NOFOLLOW_LINKS)) {
        Files.createDirectory(wanted);
      }
    }
  }

  private void forget(Path directory) {
    made.removeIf(path -> path.startsWith(directory));
  }

  private static void link(Path link, String target) throws IOException {
    Files.createSymbolicLink(link, Path.of(target));
  }

  // ---- end

  /** Deletes the tree, if it is one of ours. */
  void delete() throws IOException {
    for (List<Leaf> leaves : ofDevices.values()) {
      for (Leaf leaf : leaves) {
        leaf.file().vanish();
      }
    }
    for (Leaf leaf : ofNode) {
      leaf.file().vanish();
    }
    ofDevices.clear();
    ofNode.clear();
    made.clear();
    if (Files.exists(root.resolve(MARKER), LinkOption.NOFOLLOW_LINKS)) {
      deleteAll(root);
    } else if (holdsFiles()) {
      throw new IOException(
          root + " is no simulated tree, it has no file " + MARKER + ": give another directory");
    }
  }

  private boolean holdsFiles() throws IOException {
    if (!Files.isDirectory(root)) {
      return false;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(root)) {
      return entries.iterator().hasNext();
    }
  }

  /** Follows no link. */
  private static void deleteAll(Path top) throws IOException {
    if (Files.isDirectory(top, LinkOption.NOFOLLOW_LINKS)) {
      Files.walkFileTree(top, new Deletion());
    }
  }

  private static final class Deletion extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes facts) throws IOException {
      Files.deleteIfExists(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
        throws IOException {
      if (failure != null) {
        throw failure;
      }
      Files.delete(directory);
      return FileVisitResult.CONTINUE;
    }
  }
}
