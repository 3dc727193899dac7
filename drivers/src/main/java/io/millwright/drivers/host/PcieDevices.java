package io.millwright.drivers.host;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.host.Gauges.Gauge;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Series;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * PCIe links and errors of fabric adapters (class 02 with a directory {@code infiniband}), Neuron
 * devices (vendor 1d0f) and NVIDIA GPUs (vendor 10de, class 03), from {@code
 * /sys/bus/pci/devices/<address>}. A GPU that its driver holds is left out, for NVML tells the same
 * as the accelerator's own; virtual functions have no link.
 *
 * <p>Sources: Documentation/ABI/testing/sysfs-bus-pci and sysfs-bus-pci-devices-aer of the kernel.
 */
final class PcieDevices {
  static final String NVIDIA = "0x10de";
  private static final String AMAZON = "0x1d0f";

  /** Inf1, Trn1, Inf2, Trn2, Trn3; of Amazon there are network and storage devices too. */
  private static final Set<String> NEURON =
      Set.of(
          "0x7064", "0x7065", "0x7066", "0x7067", "0x7164", "0x7264", "0x7364", "0x7564", "0x7565");

  private static final Pattern SPEED = Pattern.compile("(\\d{1,3}(?:\\.\\d)?) GT/s(?: PCIe)?");

  /** Gigatransfers a second of each generation. */
  private static final Map<Double, Integer> GENERATIONS =
      Map.of(2.5, 1, 5.0, 2, 8.0, 3, 16.0, 4, 32.0, 5, 64.0, 6);

  private static final Set<Long> WIDTHS = Set.of(1L, 2L, 4L, 8L, 12L, 16L, 32L);

  /** What the kernel says where the device does not tell. */
  private static final Set<Long> NO_WIDTH = Set.of(0L, 63L, 255L);

  private final String node;
  private final Path devices;
  private final CallWatch watch;

  PcieDevices(String node, Path root, CallWatch watch) {
    this.node = node;
    this.devices = root.resolve("sys/bus/pci/devices");
    this.watch = watch;
  }

  List<Gauge> gauges() {
    List<Gauge> gauges = new ArrayList<>();
    for (Path device : Directory.entries(devices, "*:*:*.*")) {
      if (told(device)) {
        add(device, gauges);
        addReduced(device, gauges);
      }
    }
    return gauges;
  }

  private boolean told(Path device) {
    if (Files.exists(device.resolve("physfn"), LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    String type = Chip.text(device.resolve("class"), watch).orElse("");
    if (type.startsWith("0x02")) {
      return Files.isDirectory(device.resolve("infiniband"));
    }
    return switch (Chip.text(device.resolve("vendor"), watch).orElse("")) {
      case NVIDIA -> type.startsWith("0x03") && !driver(device).equals("nvidia");
      case AMAZON ->
          Chip.text(device.resolve("device"), watch).filter(NEURON::contains).isPresent();
      default -> false;
    };
  }

  private static String driver(Path device) {
    try {
      return Directory.name(device.resolve("driver").toRealPath());
    } catch (IOException none) {
      return "";
    }
  }

  private void add(Path device, List<Gauge> gauges) {
    for (String state : List.of("current", "max")) {
      add(
          gauges,
          device,
          state + "_link_speed",
          Metric.NODE_PCIE_LINK_GENERATION,
          state,
          PcieDevices::generation);
      add(
          gauges,
          device,
          state + "_link_width",
          Metric.NODE_PCIE_LINK_WIDTH_LANES,
          state,
          PcieDevices::lanes);
    }
    Metric errors = Metric.NODE_PCIE_ERRORS_TOTAL;
    add(gauges, device, "aer_dev_correctable", errors, "correctable", sum("TOTAL_ERR_COR"));
    add(gauges, device, "aer_dev_nonfatal", errors, "non_fatal", sum("TOTAL_ERR_NONFATAL"));
    add(gauges, device, "aer_dev_fatal", errors, "fatal", sum("TOTAL_ERR_FATAL"));
  }

  /** Whether the link is as good as it can be; a GPU lowers its speed when it rests. */
  private void addReduced(Path device, List<Gauge> gauges) {
    addReduced(device, "width", PcieDevices::lanes, gauges);
    if (!Chip.text(device.resolve("vendor"), watch).orElse("").equals(NVIDIA)) {
      addReduced(device, "speed", PcieDevices::generation, gauges);
    }
  }

  private void addReduced(
      Path device, String aspect, Function<Attribute, Reading> meaning, List<Gauge> gauges) {
    Attribute now = new Attribute(device.resolve("current_link_" + aspect), watch);
    Attribute most = new Attribute(device.resolve("max_link_" + aspect), watch);
    Optional<Attribute> above = above(device, "max_link_" + aspect);
    if (now.exists() && most.exists() && above.isPresent()) {
      Series series =
          Series.of(Metric.NODE_PCIE_LINK_REDUCED, node, Directory.name(device), aspect);
      gauges.add(
          new Gauge(
              series,
              now,
              current ->
                  reduced(
                      meaning.apply(current), meaning.apply(most), meaning.apply(above.get()))));
    }
  }

  /** A file of the port that the device is plugged into; none on a virtual machine's own bus. */
  private Optional<Attribute> above(Path device, String file) {
    try {
      Path port = device.toRealPath().resolveSibling(file);
      return Optional.of(new Attribute(port, watch)).filter(Attribute::exists);
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  /** A wide card in a narrow slot is as it was built. */
  private static Reading reduced(Reading now, Reading device, Reading port) {
    if (!(now instanceof Reading.Measured(double current))) {
      return now;
    }
    return device instanceof Reading.Measured(double own)
            && port instanceof Reading.Measured(double above)
        ? new Reading.Measured(current < Math.min(own, above) ? 1 : 0)
        : new Reading.Unsupported();
  }

  private void add(
      List<Gauge> gauges,
      Path device,
      String file,
      Metric metric,
      String label,
      Function<Attribute, Reading> meaning) {
    Attribute attribute = new Attribute(device.resolve(file), watch);
    if (attribute.exists()) {
      Series series = Series.of(metric, node, Directory.name(device), label);
      gauges.add(new Gauge(series, attribute, meaning));
    }
  }

  private static Reading generation(Attribute speed) {
    Optional<String> text = speed.text();
    if (text.isEmpty()) {
      return new Reading.Unavailable(speed.fault());
    }
    if (text.get().startsWith("Unknown")) {
      return new Reading.Unsupported();
    }
    Matcher form = SPEED.matcher(text.get());
    Integer generation = form.matches() ? GENERATIONS.get(Double.parseDouble(form.group(1))) : null;
    return generation == null
        ? new Reading.Unavailable(Fault.PARSE)
        : new Reading.Measured(generation);
  }

  private static Reading lanes(Attribute width) {
    OptionalLong lanes = width.number();
    if (lanes.isEmpty()) {
      return new Reading.Unavailable(width.fault());
    }
    if (NO_WIDTH.contains(lanes.getAsLong())) {
      return new Reading.Unsupported();
    }
    return WIDTHS.contains(lanes.getAsLong())
        ? new Reading.Measured((double) lanes.getAsLong())
        : new Reading.Unavailable(Fault.PARSE);
  }

  /** A line for each kind of error, and one for all. */
  private static Function<Attribute, Reading> sum(String key) {
    Pattern line = Pattern.compile("^" + key + " (\\d{1,20})$", Pattern.MULTILINE);
    return counters -> {
      Optional<String> text = counters.text();
      if (text.isEmpty()) {
        return new Reading.Unavailable(counters.fault());
      }
      Matcher found = line.matcher(text.get());
      return found.find()
          ? new Reading.Measured(Double.parseDouble(found.group(1)))
          : new Reading.Unavailable(Fault.PARSE);
    };
  }
}
