package io.millwright.drivers.host;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.host.Gauges.Gauge;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Series;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code /sys/class/ptp/ptp<n>/clock_name}: hardware clocks of adapters or of a hypervisor. */
final class PtpClocks {
  private final String node;
  private final Path clocks;
  private final CallWatch watch;

  PtpClocks(String node, Path root, CallWatch watch) {
    this.node = node;
    this.clocks = root.resolve("sys/class/ptp");
    this.watch = watch;
  }

  List<Gauge> gauges() {
    List<Gauge> gauges = new ArrayList<>();
    for (Path clock : Directory.entries(clocks, "ptp[0-9]*")) {
      Path name = clock.resolve("clock_name");
      gauges.add(
          new Gauge(
              Series.of(
                  Metric.NODE_PTP_CLOCK_INFO,
                  node,
                  Directory.name(clock),
                  Chip.text(name, watch).orElse("")),
              new Attribute(name, watch),
              PtpClocks::present));
    }
    return gauges;
  }

  private static Reading present(Attribute name) {
    return name.text().isPresent()
        ? new Reading.Measured(1)
        : new Reading.Unavailable(name.fault());
  }
}
