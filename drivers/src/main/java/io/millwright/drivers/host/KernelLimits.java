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
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much of the kernel's limits is in use, which end in errors that look like anything else: open
 * files ({@code file-nr}), threads ({@code loadavg} against the lower of {@code pid_max} and {@code
 * threads-max}), and tracked connections ({@code nf_conntrack_*}, where that is loaded).
 */
final class KernelLimits {
  private static final Pattern FILES = Pattern.compile("(\\d{1,19})\\s+\\d{1,20}\\s+(\\d{1,19})");

  /** {@code 0.04 1.50 12.75 1/87 4338}: threads that run, and all. */
  private static final Pattern THREADS = Pattern.compile("\\S+ \\S+ \\S+ \\d{1,10}/(\\d{1,10}) .*");

  private static final Pattern NUMBER = Pattern.compile("(\\d{1,19})");

  private final String node;
  private final Path proc;
  private final CallWatch watch;

  KernelLimits(String node, Path root, CallWatch watch) {
    this.node = node;
    this.proc = root.resolve("proc");
    this.watch = watch;
  }

  List<Gauge> gauges() {
    List<Gauge> gauges = new ArrayList<>();
    add(gauges, "file_descriptors", "sys/fs/file-nr", KernelLimits::files);
    Attribute pids = attribute("sys/kernel/pid_max");
    Attribute threads = attribute("sys/kernel/threads-max");
    if (pids.exists() && threads.exists()) {
      add(gauges, "threads", "loadavg", all -> threads(all, pids, threads));
    }
    Attribute most = attribute("sys/net/netfilter/nf_conntrack_max");
    if (most.exists()) {
      add(
          gauges,
          "connections",
          "sys/net/netfilter/nf_conntrack_count",
          now -> ratio(number(now, NUMBER, 1), number(most, NUMBER, 1)));
    }
    return gauges;
  }

  private Attribute attribute(String file) {
    return new Attribute(proc.resolve(file), watch);
  }

  private void add(
      List<Gauge> gauges, String limit, String file, Function<Attribute, Reading> meaning) {
    Attribute used = attribute(file);
    if (used.exists()) {
      gauges.add(new Gauge(Series.of(Metric.NODE_LIMIT_USED_RATIO, node, limit), used, meaning));
    }
  }

  private static Reading files(Attribute counts) {
    return ratio(number(counts, FILES, 1), number(counts, FILES, 2));
  }

  private static Reading threads(Attribute all, Attribute pids, Attribute threads) {
    Reading first = number(pids, NUMBER, 1);
    Reading second = number(threads, NUMBER, 1);
    return first instanceof Reading.Measured(double ids)
            && second instanceof Reading.Measured(double most)
        ? ratio(number(all, THREADS, 1), new Reading.Measured(Math.min(ids, most)))
        : new Reading.Unavailable(Fault.PARSE);
  }

  private static Reading number(Attribute file, Pattern form, int group) {
    Optional<String> text = file.text();
    if (text.isEmpty()) {
      return new Reading.Unavailable(file.fault());
    }
    Matcher found = form.matcher(text.get());
    return found.matches()
        ? new Reading.Measured(Double.parseDouble(found.group(group)))
        : new Reading.Unavailable(Fault.PARSE);
  }

  private static Reading ratio(Reading used, Reading most) {
    if (!(used instanceof Reading.Measured(double now))) {
      return used;
    }
    if (!(most instanceof Reading.Measured(double limit))) {
      return most;
    }
    return limit > 0 ? new Reading.Measured(now / limit) : new Reading.Unavailable(Fault.PARSE);
  }
}
