package io.millwright.agent.accounting;

import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What snapshots show of a run's devices while it has them. One owner, the caller. Begins anew with
 * the agent, which {@link #seenSeconds} tells.
 */
public final class Gauges {
  private static final int UUID = 2;

  /** A snapshot stands for no longer than this. */
  private static final Duration LONGEST = Duration.ofSeconds(5);

  private static final double NANOS = 1e9;

  private final Map<String, Seen> devices = new HashMap<>();
  private long lastNanos;
  private double seconds;

  private static final class Seen {
    private double weighted;
    private double weight;
    private double highest;
    private double memory;
    private boolean used;
  }

  /**
   * @param nowNanos when the run got its devices
   */
  public Gauges(List<String> uuids, long nowNanos) {
    uuids.forEach(uuid -> devices.put(uuid, new Seen()));
    lastNanos = nowNanos;
  }

  /**
   * Takes a snapshot in; one that was taken in before, or is older than the run, changes nothing.
   */
  public void observe(NodeSnapshot snapshot) {
    long passed = snapshot.takenAtNanos() - lastNanos;
    if (passed <= 0) {
      return;
    }
    lastNanos = snapshot.takenAtNanos();
    double stands = Math.min(passed, LONGEST.toNanos()) / NANOS;
    seconds += stands;
    for (Sample sample : snapshot.samples()) {
      for (int i = 0; i < sample.table().size(); i++) {
        if (sample.measured(i)) {
          observe(sample.table().series(i), sample.value(i), stands);
        }
      }
    }
  }

  private void observe(Series series, double value, double stands) {
    boolean utilization = series.metric() == Metric.ACCELERATOR_UTILIZATION_RATIO;
    if (!utilization && series.metric() != Metric.ACCELERATOR_MEMORY_USED_BYTES) {
      return;
    }
    Seen seen = devices.get(series.labelValues().get(UUID));
    if (seen == null) {
      return;
    }
    if (utilization) {
      seen.weighted += value * stands;
      seen.weight += stands;
      seen.highest = Math.max(seen.highest, value);
    } else {
      seen.memory = Math.max(seen.memory, value);
      seen.used = true;
    }
  }

  /** For how long snapshots stand that were seen. */
  public double seenSeconds() {
    return seconds;
  }

  OptionalDouble utilization(String uuid) {
    Seen seen = devices.get(uuid);
    return seen == null || seen.weight == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(seen.weighted / seen.weight);
  }

  OptionalDouble peakUtilization(String uuid) {
    Seen seen = devices.get(uuid);
    return seen == null || seen.weight == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(seen.highest);
  }

  OptionalDouble peakMemoryBytes(String uuid) {
    Seen seen = devices.get(uuid);
    return seen == null || !seen.used ? OptionalDouble.empty() : OptionalDouble.of(seen.memory);
  }
}
