package io.millwright.drivers.host;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.host.Gauges.Gauge;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Series;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code /proc/sys/fs/file-nr}: file handles allocated, unused (always 0), and at most. */
final class FileDescriptors {
  private static final Pattern FORM = Pattern.compile("(\\d{1,20})\\s+\\d{1,20}\\s+(\\d{1,20})");

  private final String node;
  private final Path file;
  private final CallWatch watch;

  FileDescriptors(String node, Path root, CallWatch watch) {
    this.node = node;
    this.file = root.resolve("proc/sys/fs/file-nr");
    this.watch = watch;
  }

  List<Gauge> gauges() {
    return Files.exists(file) ? List.of(gauge("allocated", 1), gauge("max", 2)) : List.of();
  }

  private Gauge gauge(String state, int group) {
    return new Gauge(
        Series.of(Metric.NODE_FILE_DESCRIPTORS, node, state),
        new Attribute(file, watch),
        counts -> number(counts, group));
  }

  private static Reading number(Attribute counts, int group) {
    Optional<String> text = counts.text();
    if (text.isEmpty()) {
      return new Reading.Unavailable(counts.fault());
    }
    Matcher form = FORM.matcher(text.get());
    return form.matches()
        ? new Reading.Measured(Double.parseDouble(form.group(group)))
        : new Reading.Unavailable(Fault.PARSE);
  }
}
