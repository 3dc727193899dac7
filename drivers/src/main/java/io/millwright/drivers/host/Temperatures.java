package io.millwright.drivers.host;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.host.Gauges.Gauge;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Series;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * {@code temp<n>_input} of the chips in {@code /sys/class/hwmon}, in thousandths of a degree; where
 * no chip has one, the zones of {@code /sys/class/thermal}.
 *
 * <p>The number of a hwmon directory changes between boots, so a chip is called by its driver's
 * name and its device: {@code nvme@nvme0}, {@code k10temp@0000:00:18.3}. A sensor is called by its
 * label, and by the stem of its file, {@code temp2}, where it has none or the label of another.
 */
final class Temperatures {
  private static final double THOUSANDTHS_PER_DEGREE = 1000;
  private static final String SUFFIX = "_input";

  private final String node;
  private final Path chips;
  private final Path zones;
  private final CallWatch watch;

  Temperatures(String node, Path root, CallWatch watch) {
    this.node = node;
    this.chips = root.resolve("sys/class/hwmon");
    this.zones = root.resolve("sys/class/thermal");
    this.watch = watch;
  }

  List<Gauge> gauges() {
    List<Gauge> gauges = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Path chip : Directory.entries(chips, "hwmon*")) {
      String called = called(chip);
      addSensors(chip, names.add(called) ? called : called + "@" + Directory.name(chip), gauges);
    }
    if (gauges.isEmpty()) {
      addZones(gauges);
    }
    return gauges;
  }

  private String called(Path chip) {
    String driver = text(chip.resolve("name")).orElse(Directory.name(chip));
    return device(chip).map(device -> driver + "@" + device).orElse(driver);
  }

  private static Optional<String> device(Path chip) {
    try {
      return Optional.of(Directory.name(chip.resolve("device").toRealPath()));
    } catch (IOException virtual) {
      return Optional.empty();
    }
  }

  private void addSensors(Path chip, String called, List<Gauge> gauges) {
    Set<String> labels = new HashSet<>();
    for (Path input : Directory.entries(chip, "temp[0-9]*" + SUFFIX)) {
      String file = Directory.name(input);
      String stem = file.substring(0, file.length() - SUFFIX.length());
      String label = text(chip.resolve(stem + "_label")).orElse(stem);
      String sensor = labels.add(label) ? label : stem;
      gauges.add(gauge(called, sensor, input, chip.resolve(stem + "_fault")));
    }
  }

  private Gauge gauge(String chip, String sensor, Path input, Path fault) {
    Attribute broken = new Attribute(fault, watch);
    boolean tells = broken.exists();
    return new Gauge(
        Series.of(Metric.NODE_TEMPERATURE_CELSIUS, node, chip, sensor),
        new Attribute(input, watch),
        attribute ->
            tells && broken.number().orElse(0) != 0
                ? new Reading.Unavailable(Fault.OTHER)
                : celsius(attribute));
  }

  private void addZones(List<Gauge> gauges) {
    for (Path zone : Directory.entries(zones, "thermal_zone[0-9]*")) {
      String name = Directory.name(zone);
      String type = text(zone.resolve("type")).orElse(name);
      gauges.add(
          new Gauge(
              Series.of(Metric.NODE_TEMPERATURE_CELSIUS, node, type, name),
              new Attribute(zone.resolve("temp"), watch),
              Temperatures::celsius));
    }
  }

  private static Reading celsius(Attribute input) {
    OptionalLong thousandths = input.number();
    return thousandths.isPresent()
        ? new Reading.Measured(thousandths.getAsLong() / THOUSANDTHS_PER_DEGREE)
        : new Reading.Unavailable(input.fault());
  }

  private Optional<String> text(Path path) {
    Attribute attribute = new Attribute(path, watch);
    return attribute.exists() ? attribute.text().filter(text -> !text.isEmpty()) : Optional.empty();
  }
}
