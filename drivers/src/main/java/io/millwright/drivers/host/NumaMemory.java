package io.millwright.drivers.host;

import static java.util.regex.Pattern.MULTILINE;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.host.Gauges.Gauge;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Series;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code MemTotal} and {@code MemFree} of {@code /sys/devices/system/node/node<n>/meminfo}. On
 * coherent parts (GB200, GB300) the memory of a GPU is a NUMA node of its own.
 */
final class NumaMemory {
  private static final Pattern SIZE = line("MemTotal");
  private static final Pattern FREE = line("MemFree");
  private static final double BYTES_PER_KILOBYTE = 1024;

  private final String node;
  private final Path nodes;
  private final CallWatch watch;

  NumaMemory(String node, Path root, CallWatch watch) {
    this.node = node;
    this.nodes = root.resolve("sys/devices/system/node");
    this.watch = watch;
  }

  private static Pattern line(String key) {
    return Pattern.compile("^Node \\d+ " + key + ": +(\\d{1,15}) kB$", MULTILINE);
  }

  List<Gauge> gauges() {
    List<Gauge> gauges = new ArrayList<>();
    for (Path each : Directory.entries(nodes, "node[0-9]*")) {
      String number = Directory.name(each).substring("node".length());
      gauges.add(gauge(Metric.NODE_NUMA_MEMORY_SIZE_BYTES, number, each, SIZE));
      gauges.add(gauge(Metric.NODE_NUMA_MEMORY_FREE_BYTES, number, each, FREE));
    }
    return gauges;
  }

  private Gauge gauge(Metric metric, String number, Path directory, Pattern line) {
    return new Gauge(
        Series.of(metric, node, number),
        new Attribute(directory.resolve("meminfo"), watch),
        file -> bytes(file, line));
  }

  private static Reading bytes(Attribute file, Pattern line) {
    Optional<String> text = file.text();
    if (text.isEmpty()) {
      return new Reading.Unavailable(file.fault());
    }
    Matcher found = line.matcher(text.get());
    return found.find()
        ? new Reading.Measured(Long.parseLong(found.group(1)) * BYTES_PER_KILOBYTE)
        : new Reading.Unavailable(Fault.PARSE);
  }
}
