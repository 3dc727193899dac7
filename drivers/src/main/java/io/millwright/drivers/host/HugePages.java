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
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code free_hugepages} of {@code /sys/kernel/mm/hugepages/hugepages-<size>kB}. */
final class HugePages {
  private static final Pattern NAME = Pattern.compile("hugepages-(\\d{1,12})kB");
  private static final double BYTES_PER_KILOBYTE = 1024;

  private final String node;
  private final Path sizes;
  private final CallWatch watch;

  HugePages(String node, Path root, CallWatch watch) {
    this.node = node;
    this.sizes = root.resolve("sys/kernel/mm/hugepages");
    this.watch = watch;
  }

  List<Gauge> gauges() {
    List<Gauge> gauges = new ArrayList<>();
    for (Path size : Directory.entries(sizes, "hugepages-*")) {
      Matcher name = NAME.matcher(Directory.name(size));
      if (name.matches()) {
        double bytes = Long.parseLong(name.group(1)) * BYTES_PER_KILOBYTE;
        gauges.add(
            new Gauge(
                Series.of(Metric.NODE_HUGEPAGES_FREE_BYTES, node, name.group(1) + "kB"),
                new Attribute(size.resolve("free_hugepages"), watch),
                free -> bytes(free, bytes)));
      }
    }
    return gauges;
  }

  private static Reading bytes(Attribute free, double pageBytes) {
    OptionalLong pages = free.number();
    if (pages.isEmpty()) {
      return new Reading.Unavailable(free.fault());
    }
    return pages.getAsLong() < 0
        ? new Reading.Unavailable(Fault.PARSE)
        : new Reading.Measured(pages.getAsLong() * pageBytes);
  }
}
