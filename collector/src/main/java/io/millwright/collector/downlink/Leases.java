package io.millwright.collector.downlink;

import io.millwright.protocol.vocabulary.job.JobSpec;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * When nodes were last told that their runs go on, and so when what asks to be stopped without a
 * renewal has surely ended on one that nobody hears of. Owned by the thread {@code control}.
 *
 * <p>A lease dates from a heartbeat of the agent, which is before the renewal that answers it was
 * sent, and a run begins under a lease only: by the node's clock it is asked to end {@code lease}
 * after the renewal at the latest. A collector that starts knows nothing of what the one before has
 * sent, and counts from its own start.
 */
final class Leases {
  /** Between the kill and the end of all of a run. */
  private static final Duration TO_KILL = Duration.ofSeconds(30);

  /** For who ends runs looks each two seconds, and clocks go at different speeds. */
  private static final Duration ALLOWANCE = Duration.ofSeconds(15);

  /** One second in a thousand, beside that: twice what clocks of machines may differ. */
  private static final long DRIFT = 1000;

  private final Map<String, Long> sent = new HashMap<>();
  private final long startNanos;

  Leases(long nowNanos) {
    this.startNanos = nowNanos;
  }

  /** A node is about to be told that its runs go on. */
  void sending(String node, long nowNanos) {
    sent.put(node, nowNanos);
  }

  /** How long it may still take until a run of this job has ended there; zero once it has. */
  Duration left(String node, JobSpec spec, long nowNanos) {
    long lease = spec.lease().stopAfterMs().orElseThrow();
    Duration fence =
        Duration.ofMillis(lease + lease / DRIFT + spec.stopGraceMs()).plus(TO_KILL).plus(ALLOWANCE);
    Duration passed = Duration.ofNanos(nowNanos - sent.getOrDefault(node, startNanos));
    Duration left = fence.minus(passed);
    return left.isNegative() ? Duration.ZERO : left;
  }
}
