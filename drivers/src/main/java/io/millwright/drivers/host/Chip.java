package io.millwright.drivers.host;

import io.millwright.drivers.CallWatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * One chip of {@code /sys/class/hwmon}. The number of its directory changes between boots, so it is
 * called by its driver's name and its device: {@code nvme@nvme0}, {@code k10temp@0000:00:18.3}.
 *
 * @param directory where its sensors are; that of its device for drivers of the older kind
 * @param driver the name that its driver gives
 * @param name driver and device, each chip's own
 */
record Chip(Path directory, String driver, String name) {
  private static final String SUFFIX = "_input";

  /** A sensor's stem such as {@code temp2}, and what it is called. */
  record Sensor(String stem, String name) {}

  /** All chips, in an order that does not change between rounds. */
  static List<Chip> all(Path root, CallWatch watch) {
    List<Chip> chips = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Path entry : Directory.entries(root.resolve("sys/class/hwmon"), "hwmon*")) {
      Path directory = Files.exists(entry.resolve("name")) ? entry : ofDevice(entry);
      String driver = text(directory.resolve("name"), watch).orElse(Directory.name(entry));
      String called = device(entry).map(device -> driver + "@" + device).orElse(driver);
      String name = names.add(called) ? called : called + "@" + Directory.name(entry);
      chips.add(new Chip(directory, driver, name));
    }
    return chips;
  }

  /** Until hwmon had attributes of its own (Linux 3.15), they lay with the device. */
  private static Path ofDevice(Path entry) {
    Path device = entry.resolve("device");
    return Files.exists(device.resolve("name")) ? device : entry;
  }

  private static Optional<String> device(Path entry) {
    try {
      return Optional.of(Directory.name(entry.resolve("device").toRealPath()));
    } catch (IOException virtual) {
      return Optional.empty();
    }
  }

  /**
   * The sensors of a kind ({@code temp}, {@code fan}) that have an input. Each is called by its
   * label, and by its stem where it has none or the label of another.
   */
  List<Sensor> sensors(String kind, CallWatch watch) {
    List<Sensor> sensors = new ArrayList<>();
    Set<String> labels = new HashSet<>();
    for (Path input : Directory.entries(directory, kind + "[0-9]*" + SUFFIX)) {
      String file = Directory.name(input);
      String stem = file.substring(0, file.length() - SUFFIX.length());
      String label = text(directory.resolve(stem + "_label"), watch).orElse(stem);
      sensors.add(new Sensor(stem, labels.add(label) ? label : stem));
    }
    return sensors;
  }

  /** What a sensor reads now. */
  Path input(Sensor sensor) {
    return directory.resolve(sensor.stem() + SUFFIX);
  }

  /** Its files of this form. */
  List<Path> files(Pattern form) {
    return Directory.entries(directory, "*").stream()
        .filter(file -> form.matcher(Directory.name(file)).matches())
        .toList();
  }

  /** The word of a file; empty where there is none. */
  static Optional<String> text(Path path, CallWatch watch) {
    Attribute attribute = new Attribute(path, watch);
    return attribute.exists() ? attribute.text().filter(text -> !text.isEmpty()) : Optional.empty();
  }
}
