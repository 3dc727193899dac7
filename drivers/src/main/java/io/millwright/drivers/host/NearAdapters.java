package io.millwright.drivers.host;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.host.Gauges.Gauge;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Series;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which fabric adapters are near which NVIDIA GPU, by their places on the PCI bus: behind the same
 * switch is what shares a bridge with it below the root of the bus, as the path of its directory
 * under {@code /sys/devices} has them; the rest goes by {@code numa_node}
 * (Documentation/ABI/testing/sysfs-bus-pci).
 *
 * <p>A GPU that shares a switch with none and whose NUMA node the kernel does not say has no
 * series, for then it is not known what is near.
 */
final class NearAdapters {
  private static final String DISPLAY = "0x03";
  private static final int LONGEST = 256;
  private static final Pattern FUNCTION =
      Pattern.compile("[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]");
  private static final Pattern NUMA_NODE = Pattern.compile("[0-9]{1,4}");

  private final String node;
  private final Path devices;
  private final Path adapters;
  private final CallWatch watch;

  /**
   * Where a function is on the bus.
   *
   * @param bridges above it, by their addresses
   * @param numaNode empty where the kernel does not say
   */
  private record Seat(Set<String> bridges, Optional<String> numaNode) {
    boolean sameSwitch(Seat other) {
      return bridges.stream().anyMatch(other.bridges::contains);
    }

    boolean sameNumaNode(Seat other) {
      return numaNode.isPresent() && numaNode.equals(other.numaNode);
    }
  }

  /** An adapter that is on the bus. */
  private record Adapter(String name, Seat seat) {}

  NearAdapters(String node, Path root, CallWatch watch) {
    this.node = node;
    this.devices = root.resolve("sys/bus/pci/devices");
    this.adapters = root.resolve("sys/class/infiniband");
    this.watch = watch;
  }

  List<Gauge> gauges() {
    List<Adapter> known = new ArrayList<>();
    for (Path adapter : Directory.entries(adapters, "*")) {
      seat(adapter.resolve("device"))
          .ifPresent(seat -> known.add(new Adapter(Directory.name(adapter), seat)));
    }
    List<Gauge> gauges = new ArrayList<>();
    for (Path device : Directory.entries(devices, "*:*:*.*")) {
      if (gpu(device)) {
        seat(device).flatMap(seat -> near(device, seat, known)).ifPresent(gauges::add);
      }
    }
    return gauges;
  }

  private boolean gpu(Path device) {
    return Chip.text(device.resolve("vendor"), watch).filter(PcieDevices.NVIDIA::equals).isPresent()
        && Chip.text(device.resolve("class"), watch)
            .filter(type -> type.startsWith(DISPLAY))
            .isPresent();
  }

  private Optional<Gauge> near(Path device, Seat seat, List<Adapter> known) {
    List<String> sameSwitch = new ArrayList<>();
    List<String> sameNumaNode = new ArrayList<>();
    for (Adapter adapter : known) {
      if (seat.sameSwitch(adapter.seat())) {
        sameSwitch.add(adapter.name());
      } else if (seat.sameNumaNode(adapter.seat())) {
        sameNumaNode.add(adapter.name());
      }
    }
    if (sameSwitch.isEmpty() && seat.numaNode().isEmpty() && !known.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Gauge(
            Series.of(
                Metric.NODE_RDMA_AFFINITY_INFO,
                node,
                Directory.name(device),
                names(sameSwitch),
                names(sameNumaNode)),
            new Attribute(device.resolve("class"), watch),
            NearAdapters::present));
  }

  /** As many as a label holds; the first ones are whole. */
  private static String names(List<String> adapters) {
    StringBuilder names = new StringBuilder();
    for (String adapter : adapters) {
      if (names.length() + adapter.length() < LONGEST) {
        names.append(names.isEmpty() ? "" : ",").append(adapter);
      }
    }
    return names.toString();
  }

  private static Reading present(Attribute type) {
    return type.text().isPresent()
        ? new Reading.Measured(1)
        : new Reading.Unavailable(type.fault());
  }

  /** Empty of what is not on the bus, such as rxe, which has no device. */
  private Optional<Seat> seat(Path function) {
    try {
      Path place = function.toRealPath();
      Set<String> bridges = new HashSet<>();
      for (Path above = place.getParent(); above != null; above = above.getParent()) {
        if (FUNCTION.matcher(Directory.name(above)).matches()) {
          bridges.add(Directory.name(above));
        }
      }
      return Optional.of(
          new Seat(
              bridges,
              Chip.text(place.resolve("numa_node"), watch)
                  .filter(text -> NUMA_NODE.matcher(text).matches())));
    } catch (IOException virtual) {
      return Optional.empty();
    }
  }
}
