package io.millwright.simulator.neuron;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The groups of {@code neuron-monitor} about the host: this machine's own, which are real. */
final class HostGroups {
  private static final long KIB = 1024;
  private static final double PERCENT = 100;
  private static final List<String> MODES =
      List.of("user", "nice", "system", "idle", "io_wait", "irq", "soft_irq");

  private final Map<String, long[]> before = new HashMap<>();

  ObjectNode memory(double seconds) {
    ObjectNode memory = JsonNodeFactory.instance.objectNode().put("period", seconds);
    Map<String, Long> bytes = new HashMap<>();
    for (String line : lines("/proc/meminfo")) {
      String[] words = line.split("[:\\s]+");
      bytes.put(words[0], Long.parseLong(words[1]) * KIB);
    }
    long total = bytes.getOrDefault("MemTotal", 0L);
    long swap = bytes.getOrDefault("SwapTotal", 0L);
    memory.put("memory_total_bytes", total);
    memory.put("memory_used_bytes", total - bytes.getOrDefault("MemAvailable", 0L));
    memory.put("swap_total_bytes", swap);
    memory.put("swap_used_bytes", swap - bytes.getOrDefault("SwapFree", 0L));
    return memory.put("error", "");
  }

  ObjectNode processors(double seconds) {
    ObjectNode usage = JsonNodeFactory.instance.objectNode().put("period", seconds);
    ObjectNode average = usage.putObject("average_usage");
    ObjectNode each = usage.putObject("usage_data");
    for (String line : lines("/proc/stat")) {
      String[] words = line.split("\\s+");
      if (words[0].equals("cpu")) {
        shares(average, words);
      } else if (words[0].startsWith("cpu")) {
        shares(each.putObject(words[0].substring("cpu".length())), words);
      } else if (words[0].equals("ctxt")) {
        usage.put("context_switch_count", Long.parseLong(words[1]));
      }
    }
    return usage.put("error", "");
  }

  private void shares(ObjectNode node, String[] words) {
    long[] now = Arrays.stream(words).skip(1).mapToLong(Long::parseLong).toArray();
    long[] last = before.getOrDefault(words[0], new long[now.length]);
    before.put(words[0], now);
    double all = 0;
    for (int i = 0; i < MODES.size(); i++) {
      all += now[i] - last[i];
    }
    for (int i = 0; i < MODES.size(); i++) {
      node.put(MODES.get(i), all > 0 ? (now[i] - last[i]) / all * PERCENT : 0);
    }
  }

  /** None where the machine has no such file. */
  private static List<String> lines(String file) {
    try {
      return Files.readAllLines(Path.of(file));
    } catch (IOException absent) {
      return List.of();
    }
  }
}
