package io.millwright.agent.launcher;

import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What Neuron's driver shows of its devices, for whoever gives them to runs. Only whole devices are
 * given: nothing but the device file keeps two runs apart.
 *
 * <p>Logical cores are numbered through the devices in their order, as many a device as it has
 * cores, or half as many where two make a logical one. Which physical core within a device is which
 * logical one does not matter to whom has all of them. That the numbers stay those of the whole
 * node in a control group that holds some devices alone was never tried on hardware.
 *
 * <p>Stateless. <i>Failure:</i> what cannot be read is no device.
 *
 * @param devices the driver's directory of devices in sysfs
 * @param setting the host's own number of physical cores of a logical one
 */
public record NeuronHost(Path devices, Path setting) {
  /** In the host's file, and in the environment of a job that wants it otherwise. */
  static final String CORES_PER_LOGICAL = "NEURON_LOGICAL_NC_CONFIG";

  private static final Pattern DEVICE = Pattern.compile("neuron([0-9]{1,3})");
  private static final Pattern SERIAL = Pattern.compile("[0-9a-f]{16}");
  private static final Set<String> DOUBLE_BY_DEFAULT = Set.of("Trn2", "Trn3");
  private static final int LONGEST = 4096;

  /**
   * @param root {@code /} but in simulations and tests
   */
  public static NeuronHost under(Path root) {
    return new NeuronHost(
        root.resolve("sys/devices/virtual/neuron_device"),
        root.resolve("opt/aws/neuron/logical_nc_config"));
  }

  /** Whether an assignment is one of Neuron devices. */
  public static boolean asked(Assignment assignment) {
    return assignment.devices().kind() == DeviceKind.NEURON
        && !assignment.devices().uuids().isEmpty();
  }

  /** What the run of an assignment gets, whose devices are Neuron's. */
  public NeuronGrant grant(Assignment assignment) {
    Map<Integer, Path> there = there();
    Set<Integer> counts = new HashSet<>();
    there.values().forEach(device -> counts.add(cores(device)));
    List<Integer> numbers = new ArrayList<>();
    for (String uuid : assignment.devices().uuids()) {
      Optional<Integer> number = number(uuid, there);
      if (number.isEmpty()) {
        return new NeuronGrant.Refused(
            "devices: '%s' is refused; Neuron's driver on this node has %s"
                .formatted(uuid, there.isEmpty() ? "no devices" : uuids(there)));
      }
      numbers.add(number.get());
    }
    numbers.sort(null);
    if (counts.size() != 1 || counts.contains(0)) {
      return new NeuronGrant.Refused(
          "devices: refused, because the devices of this node have %s cores: where those of one begin cannot be told; undo the module's parameter dev_nc_map"
              .formatted(counts.stream().sorted().toList()));
    }
    return cores(assignment, numbers, counts.iterator().next(), family(there));
  }

  private NeuronGrant cores(
      Assignment assignment, List<Integer> numbers, int physical, String family) {
    Optional<String> own = Optional.ofNullable(assignment.spec().env().get(CORES_PER_LOGICAL));
    boolean mayDouble = DOUBLE_BY_DEFAULT.contains(family);
    String wanted = own.orElseGet(() -> mayDouble ? host().orElse("2") : "1");
    if (!wanted.equals("1") && !(mayDouble && wanted.equals("2"))) {
      return new NeuronGrant.Refused(
          "%s: '%s' is refused; allowed on %s is %s"
              .formatted(
                  own.isPresent() ? "env." + CORES_PER_LOGICAL : setting.toString(),
                  wanted,
                  family.isEmpty() ? "devices of an unknown family" : family,
                  mayDouble ? "1 or 2" : "1"));
    }
    int perLogical = Integer.parseInt(wanted);
    return new NeuronGrant.Given(numbers, ranges(numbers, physical / perLogical), perLogical);
  }

  /** As in {@code 0-3,8-11}: neighbours are joined. */
  private static String ranges(List<Integer> numbers, int each) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < numbers.size(); i++) {
      int first = numbers.get(i) * each;
      while (i + 1 < numbers.size() && numbers.get(i + 1) == numbers.get(i) + 1) {
        i++;
      }
      int last = (numbers.get(i) + 1) * each - 1;
      text.append(text.isEmpty() ? "" : ",").append(first);
      text.append(last > first ? "-" + last : "");
    }
    return text.toString();
  }

  /** By number. */
  private Map<Integer, Path> there() {
    Map<Integer, Path> there = new TreeMap<>();
    for (Path entry : entries(devices, "neuron[0-9]*")) {
      Matcher name = DEVICE.matcher(String.valueOf(entry.getFileName()));
      if (name.matches() && Files.isDirectory(entry)) {
        there.put(Integer.valueOf(name.group(1)), entry);
      }
    }
    return there;
  }

  private static Optional<Integer> number(String uuid, Map<Integer, Path> there) {
    return there.entrySet().stream()
        .filter(device -> uuid(device.getValue()).filter(uuid::equals).isPresent())
        .map(Map.Entry::getKey)
        .findFirst();
  }

  private static List<String> uuids(Map<Integer, Path> there) {
    return there.values().stream().flatMap(device -> uuid(device).stream()).toList();
  }

  /** Of a device that tells its serial number; no other is given. */
  private static Optional<String> uuid(Path device) {
    return text(device.resolve("info/serial_number"))
        .filter(serial -> SERIAL.matcher(serial).matches())
        .map(serial -> "neuron-" + serial);
  }

  private static String family(Map<Integer, Path> there) {
    return there.values().stream()
        .flatMap(device -> text(device.resolve("info/architecture/instance_type")).stream())
        .findFirst()
        .orElse("");
  }

  private static int cores(Path device) {
    return entries(device, "neuron_core[0-9]*").size();
  }

  /** The line {@code NEURON_LOGICAL_NC_CONFIG=1}. */
  private Optional<String> host() {
    return text(setting).stream()
        .flatMap(String::lines)
        .map(String::strip)
        .filter(line -> line.startsWith(CORES_PER_LOGICAL + "="))
        .map(line -> line.substring(CORES_PER_LOGICAL.length() + 1).strip())
        .findFirst();
  }

  private static Optional<String> text(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      String text = new String(in.readNBytes(LONGEST), StandardCharsets.US_ASCII).strip();
      return text.isEmpty() ? Optional.empty() : Optional.of(text);
    } catch (IOException unreadable) {
      return Optional.empty();
    }
  }

  private static List<Path> entries(Path directory, String glob) {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, glob)) {
      stream.forEach(entries::add);
    } catch (IOException | DirectoryIteratorException gone) { // also while the driver is reloaded
      return List.of();
    }
    return entries;
  }
}
