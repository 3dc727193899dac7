package io.millwright.drivers.host;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.host.Gauges.Gauge;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Series;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the fabric adapters are: {@code hca_type} (MT4129 is a ConnectX-7, MT41692 a BlueField-3),
 * {@code board_id}, {@code fw_ver} and {@code node_guid} of {@code /sys/class/infiniband/<device>},
 * the first port's {@code link_layer} and the device's address on the bus. What a driver does not
 * say is an empty label.
 */
final class RdmaAdapters {
  private static final int LONGEST = 64;

  private final String node;
  private final Path adapters;
  private final CallWatch watch;
  private final Map<Path, String> words = new HashMap<>();

  RdmaAdapters(String node, Path root, CallWatch watch) {
    this.node = node;
    this.adapters = root.resolve("sys/class/infiniband");
    this.watch = watch;
  }

  List<Gauge> gauges() {
    List<Gauge> gauges = new ArrayList<>();
    for (Path adapter : Directory.entries(adapters, "*")) {
      gauges.add(
          new Gauge(
              Series.of(
                  Metric.NODE_RDMA_DEVICE_INFO,
                  node,
                  Directory.name(adapter),
                  word(adapter.resolve("hca_type")),
                  word(adapter.resolve("board_id")),
                  word(adapter.resolve("fw_ver")),
                  word(adapter.resolve("node_guid")),
                  linkLayer(adapter),
                  bus(adapter)),
              new Attribute(adapter.resolve("node_type"), watch),
              RdmaAdapters::present));
    }
    return gauges;
  }

  private static Reading present(Attribute type) {
    return type.text().isPresent()
        ? new Reading.Measured(1)
        : new Reading.Unavailable(type.fault());
  }

  private String linkLayer(Path adapter) {
    List<Path> ports = Directory.entries(adapter.resolve("ports"), "[0-9]*");
    return ports.isEmpty() ? "" : word(ports.getFirst().resolve("link_layer"));
  }

  private static String bus(Path adapter) {
    try {
      return Directory.name(adapter.resolve("device").toRealPath());
    } catch (IOException virtual) {
      return "";
    }
  }

  /** One that is there and cannot be read now keeps the word that it had. */
  private String word(Path file) {
    Attribute attribute = new Attribute(file, watch);
    if (!attribute.exists()) {
      words.remove(file);
      return "";
    }
    attribute
        .text()
        .ifPresent(text -> words.put(file, text.substring(0, Math.min(text.length(), LONGEST))));
    return words.getOrDefault(file, "");
  }
}
