package io.millwright.drivers.neuron;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.millwright.drivers.neuron.binding.IoctlLayout.Core;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Which logical core of the host a physical core of a device is, as jobs number them by the host's
 * setting; a job may have its own.
 *
 * @param map the physical core of each entry; empty where the driver told none, and the numbers are
 *     taken to run through the devices (of Trainium1 they do)
 * @param perDevice how many physical cores a device has
 * @param perLogical how many of them a logical one is
 */
record LogicalCores(Optional<List<Core>> map, int perDevice, int perLogical) {
  private static final String SETTING = "NEURON_LOGICAL_NC_CONFIG=";
  private static final Set<String> DOUBLE_BY_DEFAULT = Set.of("Trn2", "Trn3");
  private static final int LONGEST = 4096;

  LogicalCores {
    map = map.map(List::copyOf);
  }

  /** How it is known: the value of the label {@code source}. */
  String source() {
    return map.isPresent() ? "ioctl" : "identity";
  }

  /** The logical core of a physical one; empty where the driver's map leaves it out. */
  OptionalInt of(int device, int core) {
    int entry =
        map.map(known -> known.indexOf(new Core(device, core))).orElse(device * perDevice + core);
    return entry < 0 ? OptionalInt.empty() : OptionalInt.of(entry / perLogical);
  }

  /**
   * How many physical cores a logical one is on this host: what {@code
   * opt/aws/neuron/logical_nc_config} says, else 2 for Trainium2 and 3; 1 for all others.
   */
  static int perLogical(Path root, String family) {
    if (!DOUBLE_BY_DEFAULT.contains(family)) {
      return 1;
    }
    return setting(root.resolve("opt/aws/neuron/logical_nc_config")).equals("1") ? 1 : 2;
  }

  private static String setting(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(LONGEST), US_ASCII)
          .lines()
          .map(String::strip)
          .filter(line -> line.startsWith(SETTING))
          .map(line -> line.substring(SETTING.length()).strip())
          .findFirst()
          .orElse("");
    } catch (IOException absent) {
      return "";
    }
  }
}
