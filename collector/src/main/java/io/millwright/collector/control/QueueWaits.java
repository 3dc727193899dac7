package io.millwright.collector.control;

import io.millwright.collector.jobs.Run;
import io.millwright.collector.self.Durations;
import io.millwright.protocol.vocabulary.Metric;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** How long runs wait for a place, from submission on. A restart was not submitted. Pure. */
final class QueueWaits {
  private static final double MILLIS = 1e3;

  private QueueWaits() {}

  static Durations counted() {
    return new Durations(
        Metric.JOB_QUEUE_WAIT_SECONDS,
        List.of("default"),
        0.01,
        0.1,
        1,
        10,
        60,
        300,
        1_800,
        3_600,
        14_400,
        86_400,
        604_800);
  }

  /** In seconds; empty for a restart. */
  static Optional<Double> of(Run placed, Instant now) {
    return placed.retry().isPresent()
        ? Optional.empty()
        : Optional.of(Duration.between(placed.submitted(), now).toMillis() / MILLIS);
  }
}
