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
 * {@code fan<n>_input} of the chips in {@code /sys/class/hwmon}, in revolutions a minute, called
 * {@code <chip>/<sensor>}. A chip on a display controller turns no fan of the chassis.
 */
final class Fans {
  private final String node;
  private final Path root;
  private final CallWatch watch;

  Fans(String node, Path root, CallWatch watch) {
    this.node = node;
    this.root = root;
    this.watch = watch;
  }

  List<Gauge> gauges() {
    List<Gauge> gauges = new ArrayList<>();
    for (Chip chip : Chip.all(root, watch)) {
      if (onDisplay(chip)) {
        continue;
      }
      for (Chip.Sensor sensor : chip.sensors("fan", watch)) {
        gauges.add(
            new Gauge(
                Series.of(Metric.NODE_FAN_SPEED_RPM, node, chip.name() + "/" + sensor.name()),
                new Attribute(chip.input(sensor), watch),
                Fans::speed));
      }
    }
    return gauges;
  }

  private boolean onDisplay(Chip chip) {
    return Chip.text(chip.directory().resolve("device/class"), watch)
        .filter(type -> type.startsWith("0x03"))
        .isPresent();
  }

  private static Reading speed(Attribute input) {
    OptionalLong revolutions = input.number();
    if (revolutions.isEmpty()) {
      return new Reading.Unavailable(input.fault());
    }
    return revolutions.getAsLong() < 0
        ? new Reading.Unavailable(Fault.PARSE)
        : new Reading.Measured((double) revolutions.getAsLong());
  }
}
