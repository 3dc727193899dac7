package io.millwright.collector.store;

import java.util.List;
import java.util.OptionalDouble;

/**
 * What runs have used together.
 *
 * @param key of what was asked for, one value each
 * @param runs how many, each node of a run for itself
 * @param joules of those of which they are known; empty where they are of none
 * @param joulesSeconds device seconds of those
 * @param busySeconds of those of which they are known
 * @param seenSeconds device seconds of those
 * @param power of their devices
 * @param peakMemoryBytes most in use on one device
 */
public record UsageSum(
    List<String> key,
    long runs,
    double deviceSeconds,
    OptionalDouble joules,
    double joulesSeconds,
    String energyScope,
    OptionalDouble busySeconds,
    double seenSeconds,
    OptionalDouble cpuSeconds,
    OptionalDouble errors,
    PowerSum power,
    OptionalDouble peakMemoryBytes) {
  public UsageSum {
    key = List.copyOf(key);
  }
}
