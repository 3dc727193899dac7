package io.millwright.drivers.host;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.host.Gauges.Gauge;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Series;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * {@code temp<n>_input} of the chips in {@code /sys/class/hwmon}, in thousandths of a degree; where
 * no chip has one, the zones of {@code /sys/class/thermal}. What a sensor is called: {@link Chip}.
 */
final class Temperatures {
  private static final double THOUSANDTHS_PER_DEGREE = 1000;

  private final String node;
  private final Path root;
  private final CallWatch watch;

  Temperatures(String node, Path root, CallWatch watch) {
    this.node = node;
    this.root = root;
    this.watch = watch;
  }

  List<Gauge> gauges() {
    List<Gauge> gauges = new ArrayList<>();
    for (Chip chip : Chip.all(root, watch)) {
      for (Chip.Sensor sensor : chip.sensors("temp", watch)) {
        gauges.add(gauge(chip, sensor));
      }
    }
    if (gauges.isEmpty()) {
      addZones(gauges);
    }
    return gauges;
  }

  private Gauge gauge(Chip chip, Chip.Sensor sensor) {
    Attribute broken = new Attribute(chip.directory().resolve(sensor.stem() + "_fault"), watch);
    boolean tells = broken.exists();
    return new Gauge(
        Series.of(Metric.NODE_TEMPERATURE_CELSIUS, node, chip.name(), sensor.name()),
        new Attribute(chip.input(sensor), watch),
        attribute ->
            tells && broken.number().orElse(0) != 0
                ? new Reading.Unavailable(Fault.OTHER)
                : celsius(attribute));
  }

  private void addZones(List<Gauge> gauges) {
    for (Path zone : Directory.entries(root.resolve("sys/class/thermal"), "thermal_zone[0-9]*")) {
      String name = Directory.name(zone);
      String type = Chip.text(zone.resolve("type"), watch).orElse(name);
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
}
