package io.millwright.drivers.neuron.monitor;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The cores of one record, put together from what each runtime says of them: the highest
 * utilization, the sum of memory. The reader's own.
 */
final class CoreTally {
  static final int MOST_CORES = 1024;

  private final Map<Integer, Tally> cores = new TreeMap<>();
  private final Map<Integer, Tally> ofRuntime = new TreeMap<>();

  private static final class Tally {
    private String tag = "";
    private double utilization = Double.NaN;
    private long mostBytes = -1;
    private final Map<String, Long> memoryBytes = new HashMap<>();

    /**
     * Whether this use is more than what was added up before; memory tells runtimes apart that both
     * rest, and else their tags do, so that the order of a record does not.
     */
    boolean moreThan(Tally other, String ownTag) {
      double own = Double.isNaN(utilization) ? 0 : utilization;
      double others = Double.isNaN(other.utilization) ? 0 : other.utilization;
      if (own != others) {
        return own > others;
      }
      long bytes = bytes();
      return bytes > other.mostBytes
          || (bytes == other.mostBytes && ownTag.compareTo(other.tag) < 0);
    }

    long bytes() {
      return memoryBytes.values().stream().mapToLong(Long::longValue).sum();
    }

    CoreUse use(int index) {
      return new CoreUse(
          index,
          tag,
          Double.isNaN(utilization) ? OptionalDouble.empty() : OptionalDouble.of(utilization),
          memoryBytes);
    }
  }

  /** The runtime that is read now keeps this core so busy, 0 to 1. */
  void utilization(String index, double ratio) {
    Tally core = core(index);
    if (core != null) {
      core.utilization = ratio;
    }
  }

  /** The runtime that is read now has so much memory for this core. */
  void memory(String index, String category, long bytes) {
    Tally core = core(index);
    if (core != null) {
      core.memoryBytes.put(category, bytes);
    }
  }

  /** What was said of the runtime that is read now does not count. */
  void forgetUtilization() {
    ofRuntime.values().forEach(core -> core.utilization = Double.NaN);
    forgetEmpty();
  }

  /** Likewise of its memory. */
  void forgetMemory() {
    ofRuntime.values().forEach(core -> core.memoryBytes.clear());
    forgetEmpty();
  }

  private void forgetEmpty() {
    ofRuntime
        .values()
        .removeIf(core -> Double.isNaN(core.utilization) && core.memoryBytes.isEmpty());
  }

  /** Whether the index is one of a core that is beyond those that are taken. */
  static boolean isBeyond(String index) {
    return index.matches("\\d{1,9}") && Integer.parseInt(index) >= MOST_CORES;
  }

  private @Nullable Tally core(String index) {
    int number = index.matches("\\d{1,4}") ? Integer.parseInt(index) : MOST_CORES;
    return number < MOST_CORES ? ofRuntime.computeIfAbsent(number, unseen -> new Tally()) : null;
  }

  /** The runtime that was read has this tag. */
  void endOfRuntime(String tag) {
    ofRuntime.forEach(
        (index, use) -> add(cores.computeIfAbsent(index, unseen -> new Tally()), use, tag));
    ofRuntime.clear();
  }

  private static void add(Tally core, Tally use, String tag) {
    if (use.moreThan(core, tag)) {
      core.tag = tag;
      core.mostBytes = use.bytes();
    }
    if (!Double.isNaN(use.utilization)) {
      core.utilization =
          Double.isNaN(core.utilization)
              ? use.utilization
              : Math.max(core.utilization, use.utilization);
    }
    use.memoryBytes.forEach(
        (category, bytes) -> core.memoryBytes.merge(category, bytes, Long::sum));
  }

  List<CoreUse> cores() {
    List<CoreUse> uses = new ArrayList<>();
    cores.forEach((index, tally) -> uses.add(tally.use(index)));
    return uses;
  }
}
