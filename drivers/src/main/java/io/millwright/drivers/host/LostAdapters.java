package io.millwright.drivers.host;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.host.Gauges.Gauge;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Series;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Fabric adapters that were there and are off the bus: the kernel has removed their PCI function,
 * or it answers with ones alone, as a read does to which nobody answers.
 *
 * <p>An adapter that left {@code /sys/class/infiniband} and is still on the bus is not lost. Its
 * driver was unloaded, or it was given to a network namespace, as container networks do with each
 * job. Virtual functions come and go with the site's settings and are left out.
 */
final class LostAdapters {
  private static final int ID_BYTES = 4;
  private static final byte NOBODY = (byte) 0xff;

  private final String node;
  private final Path adapters;
  private final Path bus;
  private final CallWatch watch;

  /** The address of each adapter that was seen, by its name. */
  private final Map<String, String> seen = new TreeMap<>();

  LostAdapters(String node, Path root, CallWatch watch) {
    this.node = node;
    this.adapters = root.resolve("sys/class/infiniband");
    this.bus = root.resolve("sys/bus/pci/devices");
    this.watch = watch;
  }

  List<Gauge> gauges() {
    for (Path adapter : Directory.entries(adapters, "*")) {
      remember(adapter);
    }
    List<Gauge> gauges = new ArrayList<>();
    seen.forEach((name, address) -> {
      Path function = bus.resolve(address);
      gauges.add(
          new Gauge(
              Series.of(Metric.NODE_RDMA_DEVICE_LOST, node, name),
              new Attribute(function.resolve("config"), watch),
              ignored -> new Reading.Measured(lost(function) ? 1 : 0)));
    });
    return gauges;
  }

  private void remember(Path adapter) {
    try {
      Path function = adapter.resolve("device").toRealPath();
      String address = Directory.name(function);
      if (Files.isDirectory(bus.resolve(address))
          && !Files.exists(function.resolve("physfn"), LinkOption.NOFOLLOW_LINKS)) {
        seen.put(Directory.name(adapter), address);
      }
    } catch (IOException virtual) {
      return; // such as rxe, which has no device
    }
  }

  private boolean lost(Path function) {
    return !Files.isDirectory(function) || answersNobody(function.resolve("config"));
  }

  private boolean answersNobody(Path config) {
    String call = "read " + config;
    watch.entered(call);
    try (InputStream in = Files.newInputStream(config)) {
      byte[] id = in.readNBytes(ID_BYTES);
      watch.returned(call, 0);
      boolean ones = id.length == ID_BYTES;
      for (byte one : id) {
        ones &= one == NOBODY;
      }
      return ones;
    } catch (IOException unknown) {
      watch.returned(call, -1);
      return false;
    }
  }
}
