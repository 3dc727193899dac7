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
 * How many disks each software RAID array lacks: {@code /sys/block/md<n>/md/degraded}, which arrays
 * without spare disks (linear, RAID 0) do not have. Source: the kernel's
 * Documentation/admin-guide/md.rst.
 */
final class RaidArrays {
  private final String node;
  private final Path disks;
  private final CallWatch watch;

  RaidArrays(String node, Path root, CallWatch watch) {
    this.node = node;
    this.disks = root.resolve("sys/block");
    this.watch = watch;
  }

  List<Gauge> gauges() {
    List<Gauge> gauges = new ArrayList<>();
    for (Path array : Directory.entries(disks, "md*")) {
      Attribute missing = new Attribute(array.resolve("md/degraded"), watch);
      if (missing.exists()) {
        gauges.add(
            new Gauge(
                Series.of(Metric.NODE_RAID_MISSING_DISKS, node, Directory.name(array)),
                missing,
                RaidArrays::count));
      }
    }
    return gauges;
  }

  private static Reading count(Attribute missing) {
    OptionalLong count = missing.number();
    if (count.isEmpty()) {
      return new Reading.Unavailable(missing.fault());
    }
    return count.getAsLong() < 0
        ? new Reading.Unavailable(Fault.PARSE)
        : new Reading.Measured((double) count.getAsLong());
  }
}
