package io.millwright.agent.host;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What is there, as far as a {@link Condition} asks: looked at once, and again by a new one. What
 * cannot be read is not there.
 */
final class Machine {
  private static final String NVIDIA = "10de";
  private static final String DISPLAY = "0x03";
  private static final String TO_GUESTS = "vfio-pci";
  private static final List<String> UNIT_DIRECTORIES =
      List.of(
          "etc/systemd/system",
          "run/systemd/system",
          "usr/lib/systemd/system",
          "lib/systemd/system");
  private static final List<String> MASKS = UNIT_DIRECTORIES.subList(0, 2);
  private static final List<String> MODULE_LISTS =
      List.of("etc/modules-load.d", "run/modules-load.d", "usr/lib/modules-load.d");

  private final Path root;
  private final Set<String> devices = new HashSet<>();
  private final Set<String> configured = new HashSet<>();
  private final boolean bareMetal;
  private boolean gpu;

  private Machine(Path root, boolean bareMetal) {
    this.root = root;
    this.bareMetal = bareMetal;
    entries(root.resolve("sys/bus/pci/devices")).forEach(this::addDevice);
    addConfigured(root.resolve("etc/modules"));
    lists().forEach(this::addConfigured);
  }

  /** The {@code *.conf} of {@code modules-load.d}: one hides those of its name in later places. */
  private Collection<Path> lists() {
    Map<String, Path> lists = new TreeMap<>();
    for (String place : MODULE_LISTS) {
      entries(root.resolve(place))
          .filter(list -> list.toString().endsWith(".conf"))
          .forEach(list -> lists.putIfAbsent(String.valueOf(list.getFileName()), list));
    }
    return lists.values();
  }

  /**
   * Looks.
   *
   * @param root where {@code proc}, {@code sys}, {@code etc} and {@code usr} are
   */
  static Machine seen(Path root) {
    return new Machine(
        root, !text(root.resolve("proc/cpuinfo")).orElse("").contains(" hypervisor"));
  }

  /** Looks again, but not at the processors, whose file is long and says the same. */
  Machine again() {
    return new Machine(root, bareMetal);
  }

  private void addDevice(Path device) {
    String vendor = id(device.resolve("vendor"));
    devices.add(vendor + ":" + id(device.resolve("device")));
    gpu |=
        vendor.equals(NVIDIA)
            && text(device.resolve("class")).orElse("").startsWith(DISPLAY)
            && !driver(device).equals(TO_GUESTS);
  }

  private static String id(Path file) {
    return text(file).map(text -> text.strip().replaceFirst("^0x", "")).orElse("");
  }

  private static String driver(Path device) {
    try {
      return String.valueOf(device.resolve("driver").toRealPath().getFileName());
    } catch (IOException none) {
      return "";
    }
  }

  private void addConfigured(Path list) {
    text(list)
        .ifPresent(text ->
            text.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#") && !line.startsWith(";"))
                .map(line -> line.split("\\s")[0].replace('-', '_'))
                .forEach(configured::add));
  }

  /** Whether this row is to be kept here. */
  boolean needs(Requirement row) {
    return row.where().stream().allMatch(condition -> holds(condition, row.name()));
  }

  private boolean holds(Condition condition, String name) {
    return switch (condition) {
      case Condition.Driver(String module) -> Files.isDirectory(root.resolve("sys/module", module));
      case Condition.Pci(Set<String> ids) -> ids.stream().anyMatch(devices::contains);
      case Condition.Gpu() -> gpu;
      case Condition.BareMetal() -> bareMetal;
      case Condition.Enabled(String unit) -> enabled(unit.isEmpty() ? name : unit);
      case Condition.Installed() ->
          !masked(name)
              && UNIT_DIRECTORIES.stream()
                  .anyMatch(place -> Files.exists(root.resolve(place, name)));
      case Condition.Configured() -> configured.contains(name);
    };
  }

  /** A target or another unit wants or requires it, and nobody has masked it. */
  private boolean enabled(String unit) {
    return !masked(unit) && wanted(unit);
  }

  /** Its own file is a link to {@code /dev/null}: systemd does not begin it, whoever wants it. */
  private boolean masked(String unit) {
    return MASKS.stream().anyMatch(place -> toNull(root.resolve(place, unit)));
  }

  private static boolean toNull(Path file) {
    try {
      return Files.readSymbolicLink(file).equals(Path.of("/dev/null"));
    } catch (IOException noLink) {
      return false;
    }
  }

  private boolean wanted(String unit) {
    return entries(root.resolve(UNIT_DIRECTORIES.getFirst()))
        .filter(
            entry -> entry.toString().endsWith(".wants") || entry.toString().endsWith(".requires"))
        .anyMatch(entry -> Files.exists(entry.resolve(unit), LinkOption.NOFOLLOW_LINKS));
  }

  private static Stream<Path> entries(Path directory) {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      stream.forEach(entries::add);
    } catch (IOException | DirectoryIteratorException none) {
      return Stream.empty();
    }
    return entries.stream();
  }

  private static Optional<String> text(Path file) {
    try {
      return Optional.of(new String(Files.readAllBytes(file), UTF_8));
    } catch (IOException | UncheckedIOException none) {
      return Optional.empty();
    }
  }
}
