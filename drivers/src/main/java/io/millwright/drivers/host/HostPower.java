package io.millwright.drivers.host;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.host.Gauges.Gauge;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Series;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Power of the node and of its parts, from chips of {@code /sys/class/hwmon} that say what they
 * measure; of any other chip nothing is shown, least of all of an accelerator's.
 *
 * <ul>
 *   <li>{@code node}: the one {@code power_meter} (ACPI 4.0, section 10.4) that names no part in
 *       {@code power1_oem_info};
 *   <li>{@code cpu}: the sum of the meters whose {@code power1_oem_info} or label begins with
 *       {@code CPU Power}, as NVIDIA Grace and X-Gene have them;
 *   <li>{@code psu:<n>}: what goes into a power supply, label {@code pin}, of a driver for power
 *       supplies in {@code drivers/hwmon/pmbus}. They are numbered from 0 in the order of their
 *       addresses.
 * </ul>
 *
 * None of this was read on such a machine.
 */
final class HostPower {
  private static final double MICROWATTS_PER_WATT = 1e6;
  private static final String CPU = "cpu power";
  private static final String NODE = "node";

  /** Drivers of Linux 6.12 for supplies as a whole; the others are for regulators on a board. */
  private static final Set<String> SUPPLIES =
      Set.of(
          "bpa_rs600",
          "cffps1",
          "cffps2",
          "crps",
          "dps920ab",
          "fsg032",
          "ipsps1",
          "pfe1100",
          "pfe3000",
          "ym2151",
          "yh5151");

  private static final Pattern ALARM =
      Pattern.compile("[a-z]+[0-9]+_(lcrit_alarm|crit_alarm|fault)");

  private final String node;
  private final Path root;
  private final CallWatch watch;

  HostPower(String node, Path root, CallWatch watch) {
    this.node = node;
    this.root = root;
    this.watch = watch;
  }

  /** Whether there is a meter of the whole node. */
  boolean metersNode() {
    return power().stream().anyMatch(gauge -> gauge.series().equals(series(NODE)));
  }

  /** What is drawn. */
  List<Gauge> power() {
    List<Chip> chips = Chip.all(root, watch);
    List<Attribute> whole = new ArrayList<>();
    List<Attribute> processors = new ArrayList<>();
    for (Chip chip : chips) {
      if (chip.driver().equals("power_meter")) {
        addMeter(chip, whole, processors);
      } else {
        addLabelled(chip, processors);
      }
    }
    List<Gauge> gauges = new ArrayList<>();
    if (whole.size() == 1) {
      gauges.add(sum(NODE, whole));
    }
    if (!processors.isEmpty()) {
      gauges.add(sum("cpu", processors));
    }
    int number = 0;
    for (Chip chip : supplies(chips)) {
      String scope = "psu:" + number++;
      input(chip).ifPresent(input -> gauges.add(sum(scope, List.of(input))));
    }
    return gauges;
  }

  private void addMeter(Chip chip, List<Attribute> whole, List<Attribute> processors) {
    Path directory =
        Files.exists(chip.directory().resolve("power1_average"))
            ? chip.directory()
            : chip.directory().resolve("device");
    Attribute average = new Attribute(directory.resolve("power1_average"), watch);
    if (!average.exists()) {
      return;
    }
    String part = Chip.text(directory.resolve("power1_oem_info"), watch).orElse("");
    if (part.isEmpty()) {
      whole.add(average);
    } else if (part.toLowerCase(Locale.ROOT).startsWith(CPU)) {
      processors.add(average);
    }
  }

  private void addLabelled(Chip chip, List<Attribute> processors) {
    for (Chip.Sensor sensor : chip.sensors("power", watch)) {
      if (sensor.name().toLowerCase(Locale.ROOT).startsWith(CPU)) {
        processors.add(new Attribute(chip.input(sensor), watch));
      }
    }
  }

  private static List<Chip> supplies(List<Chip> chips) {
    return chips.stream()
        .filter(chip -> SUPPLIES.contains(chip.driver()))
        .sorted((left, right) -> address(left).compareTo(address(right)))
        .toList();
  }

  /** What stands behind the driver's name: bus and address. */
  private static String address(Chip chip) {
    return chip.name().substring(chip.driver().length());
  }

  private Optional<Attribute> input(Chip supply) {
    return supply.sensors("power", watch).stream()
        .filter(sensor -> sensor.name().startsWith("pin"))
        .findFirst()
        .map(sensor -> new Attribute(supply.input(sensor), watch));
  }

  private Gauge sum(String scope, List<Attribute> parts) {
    return new Gauge(series(scope), parts.getFirst(), first -> watts(parts));
  }

  private Series series(String scope) {
    return Series.of(Metric.NODE_POWER_WATTS, node, scope);
  }

  /** Of all parts or of none: a sum that lacks one would be another quantity. */
  private static Reading watts(List<Attribute> parts) {
    double microwatts = 0;
    for (Attribute part : parts) {
      OptionalLong number = part.number();
      if (number.isEmpty()) {
        return new Reading.Unavailable(part.fault());
      }
      if (number.getAsLong() < 0) {
        return new Reading.Unavailable(Fault.PARSE);
      }
      microwatts += number.getAsLong();
    }
    return new Reading.Measured(microwatts / MICROWATTS_PER_WATT);
  }

  /** Whether each power supply has input and no critical alarm. */
  List<Gauge> supplies() {
    List<Gauge> gauges = new ArrayList<>();
    int number = 0;
    for (Chip chip : supplies(Chip.all(root, watch))) {
      String name = Integer.toString(number++);
      Attribute volts = new Attribute(chip.directory().resolve("in1_input"), watch);
      if (volts.exists()) {
        List<Attribute> alarms =
            chip.files(ALARM).stream().map(file -> new Attribute(file, watch)).toList();
        gauges.add(
            new Gauge(
                Series.of(Metric.NODE_POWER_SUPPLY_UP, node, name),
                volts,
                input -> up(input, alarms)));
      }
    }
    return gauges;
  }

  private static Reading up(Attribute volts, List<Attribute> alarms) {
    OptionalLong input = volts.number();
    if (input.isEmpty()) {
      return new Reading.Unavailable(volts.fault());
    }
    boolean up = input.getAsLong() > 0;
    for (Attribute alarm : alarms) {
      OptionalLong raised = alarm.number();
      if (raised.isEmpty()) {
        return new Reading.Unavailable(alarm.fault());
      }
      up &= raised.getAsLong() == 0;
    }
    return new Reading.Measured(up ? 1 : 0);
  }
}
