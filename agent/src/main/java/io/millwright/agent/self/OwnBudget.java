package io.millwright.agent.self;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Whether this process has come to the limits of its unit, as the kernel counts it in its control
 * group (cgroup v2, Documentation/admin-guide/cgroup-v2.rst): {@code MemoryHigh=} is {@code
 * memory.high}, of which {@code memory.events} counts the times that it was exceeded; {@code
 * CPUQuota=} is {@code cpu.max}, of which {@code cpu.stat} counts the periods in which somebody had
 * to wait.
 *
 * <p><i>Threading:</i> one owner. <i>Failure:</i> what is not limited, or cannot be read, is
 * absent.
 */
final class OwnBudget {
  private static final String UNIFIED = "0::";

  private final Path process;
  private final Path groups;
  private final Map<String, Long> counted = new LinkedHashMap<>();

  /**
   * @param process as {@code /proc/self}
   * @param groups where cgroup v2 is mounted
   */
  OwnBudget(Path process, Path groups) {
    this.process = process;
    this.groups = groups;
  }

  /** By resource, whether its limit was met since the last look; none at the first. */
  Map<String, Boolean> look() {
    Map<String, Boolean> over = new LinkedHashMap<>();
    look("memory", "memory.high", "memory.events", "high ", over);
    look("cpu", "cpu.max", "cpu.stat", "nr_throttled ", over);
    return over;
  }

  private void look(
      String resource, String limit, String counts, String line, Map<String, Boolean> over) {
    OptionalLong now = first(limit).startsWith("max") ? OptionalLong.empty() : count(counts, line);
    if (first(limit).isEmpty() || now.isEmpty()) {
      counted.remove(resource);
      return;
    }
    Long before = counted.put(resource, now.getAsLong());
    if (before != null) {
      over.put(resource, now.getAsLong() > before);
    }
  }

  private String first(String file) {
    return text(group().resolve(file)).lines().findFirst().orElse("");
  }

  private OptionalLong count(String file, String line) {
    return text(group().resolve(file))
        .lines()
        .filter(one -> one.startsWith(line))
        .map(one -> one.substring(line.length()).strip())
        .filter(number -> number.matches("[0-9]{1,18}"))
        .mapToLong(Long::parseLong)
        .findFirst();
  }

  private Path group() {
    return text(process.resolve("cgroup"))
        .lines()
        .filter(line -> line.startsWith(UNIFIED + "/"))
        .map(line -> groups.resolve(line.substring(UNIFIED.length() + 1)))
        .findFirst()
        .orElse(groups.resolve("none"));
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return ""; // no such file, or not for us
    }
  }
}
