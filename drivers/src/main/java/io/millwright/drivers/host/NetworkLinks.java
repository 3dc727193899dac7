package io.millwright.drivers.host;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.host.Gauges.Gauge;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Series;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * {@code operstate} and {@code speed} of the interfaces in {@code /sys/class/net}, loopback left
 * out. Not by OSHI, whose list leaves out interfaces that are down.
 */
final class NetworkLinks {
  private static final double BYTES_PER_SECOND_PER_MEGABIT = 1e6 / 8;
  private static final long UNKNOWN_UNSIGNED = 0xffff_ffffL;

  private final String node;
  private final Path interfaces;
  private final CallWatch watch;

  NetworkLinks(String node, Path root, CallWatch watch) {
    this.node = node;
    this.interfaces = root.resolve("sys/class/net");
    this.watch = watch;
  }

  List<Gauge> gauges() {
    List<Gauge> gauges = new ArrayList<>();
    for (Path entry : Directory.entries(interfaces, "*")) {
      String name = Directory.name(entry);
      if (!name.equals("lo") && Files.isDirectory(entry)) {
        gauges.add(up(name, entry));
        gauges.add(speed(name, entry));
      }
    }
    return gauges;
  }

  private Gauge up(String name, Path entry) {
    return new Gauge(
        Series.of(Metric.NODE_NETWORK_UP, node, name),
        new Attribute(entry.resolve("operstate"), watch),
        NetworkLinks::up);
  }

  private static Reading up(Attribute state) {
    Optional<String> word = state.text();
    return word.isEmpty()
        ? new Reading.Unavailable(state.fault())
        : new Reading.Measured(word.get().equals("up") ? 1 : 0);
  }

  private Gauge speed(String name, Path entry) {
    return new Gauge(
        Series.of(Metric.NODE_NETWORK_SPEED_BYTES_PER_SECOND, node, name),
        new Attribute(entry.resolve("speed"), watch),
        NetworkLinks::speed);
  }

  /** Megabits a second; -1, 0, 2^32-1 or an error where there is no link or no such thing. */
  private static Reading speed(Attribute speed) {
    OptionalLong megabits = speed.number();
    boolean known =
        megabits.isPresent() && megabits.getAsLong() > 0 && megabits.getAsLong() < UNKNOWN_UNSIGNED;
    return known
        ? new Reading.Measured(megabits.getAsLong() * BYTES_PER_SECOND_PER_MEGABIT)
        : new Reading.Unsupported();
  }
}
