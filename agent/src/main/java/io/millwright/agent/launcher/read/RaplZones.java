package io.millwright.agent.launcher.read;

import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Answer.Zone;
import io.millwright.protocol.vocabulary.Fault;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The counters of energy of processors and their memory, {@code energy_uj} in {@code
 * /sys/class/powercap/intel-rapl:*}, which root alone may read since CVE-2020-8694. Names of zones:
 * the kernel's Documentation/power/powercap/powercap.rst and its driver intel_rapl_common.
 * Stateless.
 */
final class RaplZones {
  private static final Pattern ZONE = Pattern.compile("(intel-rapl:[0-9]{1,4})(:[0-9]{1,4})?");
  private static final Pattern PACKAGE =
      Pattern.compile("package-([0-9]{1,4}(?:-die-[0-9]{1,4})?)");
  private static final String MEMORY = "dram";

  private final Path zones;

  /**
   * @param root where {@code sys} is
   */
  RaplZones(Path root) {
    this.zones = root.resolve("sys/class/powercap");
  }

  Answer.Energy read() {
    List<Zone> read = new ArrayList<>();
    for (String name : Entries.of(zones, ZONE, Answer.Bounds.MOST_ZONES)) {
      zone(name).ifPresent(read::add);
    }
    return new Answer.Energy(read);
  }

  /** Of packages and memory; neither of cores, which are a part, nor of the platform. */
  private Optional<Zone> zone(String name) {
    Matcher form = ZONE.matcher(name);
    if (!form.matches()) {
      return Optional.empty();
    }
    String whole = form.group(1);
    Matcher processor = PACKAGE.matcher(called(whole));
    boolean part = form.group(2) != null;
    if (!processor.matches() || (part && !called(name).equals(MEMORY))) {
      return Optional.empty();
    }
    return Optional.of(zone(processor.group(1), part ? MEMORY : "package", zones.resolve(name)));
  }

  private String called(String zone) {
    try {
      return Files.readString(zones.resolve(zone).resolve("name")).strip();
    } catch (IOException gone) {
      return "";
    }
  }

  private static Zone zone(String processor, String zone, Path directory) {
    try {
      long range = number(directory.resolve("max_energy_range_uj"));
      long energy = number(directory.resolve("energy_uj"));
      return range > 0 && energy >= 0
          ? new Zone(processor, zone, OptionalLong.of(energy), range, Optional.empty())
          : failed(processor, zone, Fault.PARSE);
    } catch (NumberFormatException garbage) {
      return failed(processor, zone, Fault.PARSE);
    } catch (NoSuchFileException absent) {
      return failed(processor, zone, Fault.NOT_FOUND);
    } catch (AccessDeniedException denied) {
      return failed(processor, zone, Fault.PERMISSION);
    } catch (IOException trouble) {
      return failed(processor, zone, Fault.OTHER);
    }
  }

  private static long number(Path file) throws IOException {
    return Long.parseLong(Files.readString(file).strip());
  }

  private static Zone failed(String processor, String zone, Fault fault) {
    return new Zone(processor, zone, OptionalLong.empty(), 0, Optional.of(fault));
  }
}
