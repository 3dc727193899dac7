package io.millwright.agent.accounting;

import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;

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

  /** Of a gauge that covers several devices a run cannot be told its share. */
  private static final String SCOPE = "gpu";

  private static final class Seen {
    private final Mean utilization = new Mean();
    private final Mean watts = new Mean();
    private double memory;
    private boolean used;
  }

  /** By time, and the highest. */
  private static final class Mean {
    private double weighted;
    private double weight;
    private double highest;

    void add(double value, double stands) {
      weighted += value * stands;
      weight += stands;
      highest = Math.max(highest, value);
    }

    OptionalDouble mean() {
      return weight == 0 ? OptionalDouble.empty() : OptionalDouble.of(weighted / weight);
    }

    OptionalDouble highest() {
      return weight == 0 ? OptionalDouble.empty() : OptionalDouble.of(highest);
    }
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
    switch (series.metric()) {
      case ACCELERATOR_UTILIZATION_RATIO ->
          seen(series).ifPresent(seen -> seen.utilization.add(value, stands));
      case ACCELERATOR_POWER_WATTS -> {
        if (series.labelValues().getLast().equals(SCOPE)) {
          seen(series).ifPresent(seen -> seen.watts.add(value, stands));
        }
      }
      case ACCELERATOR_MEMORY_USED_BYTES ->
          seen(series)
              .ifPresent(seen -> {
                seen.memory = Math.max(seen.memory, value);
                seen.used = true;
              });
      default -> {}
    }
  }

  private Optional<Seen> seen(Series series) {
    return Optional.ofNullable(devices.get(series.labelValues().get(UUID)));
  }

  /** For how long snapshots stand that were seen. */
  public double seenSeconds() {
    return seconds;
  }

  OptionalDouble utilization(String uuid) {
    return of(uuid, seen -> seen.utilization.mean());
  }

  OptionalDouble peakUtilization(String uuid) {
    return of(uuid, seen -> seen.utilization.highest());
  }

  OptionalDouble watts(String uuid) {
    return of(uuid, seen -> seen.watts.mean());
  }

  OptionalDouble peakWatts(String uuid) {
    return of(uuid, seen -> seen.watts.highest());
  }

  OptionalDouble peakMemoryBytes(String uuid) {
    return of(uuid, seen -> seen.used ? OptionalDouble.of(seen.memory) : OptionalDouble.empty());
  }

  private OptionalDouble of(String uuid, Function<Seen, OptionalDouble> value) {
    Seen seen = devices.get(uuid);
    return seen == null ? OptionalDouble.empty() : value.apply(seen);
  }
}
