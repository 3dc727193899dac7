package io.millwright.drivers.host;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.host.Gauges.Gauge;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Series;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * ECC errors of the host's memory: {@code ce_count} and {@code ue_count} of {@code
 * /sys/devices/system/edac/mc/mc<n>}, where an EDAC driver is loaded.
 */
final class MemoryErrors {
  private final String node;
  private final Path controllers;
  private final CallWatch watch;

  MemoryErrors(String node, Path root, CallWatch watch) {
    this.node = node;
    this.controllers = root.resolve("sys/devices/system/edac/mc");
    this.watch = watch;
  }

  List<Gauge> gauges() {
    List<Gauge> gauges = new ArrayList<>();
    for (Path controller : Directory.entries(controllers, "mc[0-9]*")) {
      gauges.add(counter(controller, "ce_count", "corrected"));
      gauges.add(counter(controller, "ue_count", "uncorrected"));
    }
    return gauges;
  }

  private Gauge counter(Path controller, String file, String severity) {
    String name = Directory.name(controller);
    return new Gauge(
        Series.of(Metric.NODE_MEMORY_ECC_ERRORS_TOTAL, node, name, severity),
        new Attribute(controller.resolve(file), watch),
        MemoryErrors::count);
  }

  private static Reading count(Attribute counter) {
    OptionalLong count = counter.number();
    return count.isPresent() && count.getAsLong() >= 0
        ? new Reading.Measured((double) count.getAsLong())
        : new Reading.Unavailable(counter.fault());
  }
}
