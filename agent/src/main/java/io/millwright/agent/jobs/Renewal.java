package io.millwright.agent.jobs;

import io.millwright.protocol.vocabulary.job.JobSpec;
import java.time.Duration;
import java.util.Optional;

/**
 * The collector's word that runs may go on, each for as long as its own lease lasts.
 *
 * @param sent when the heartbeat was sent that it answers, since the boot (CLOCK_BOOTTIME)
 * @param longest that any may go on from then
 */
record Renewal(Duration sent, Duration longest) {

  /** When a run of this job is stopped; empty for one that goes on. */
  Optional<Duration> until(JobSpec spec) {
    return spec.lease().stops()
        ? Optional.of(
            sent.plusMillis(Math.min(longest.toMillis(), spec.lease().stopAfterMs().getAsLong())))
        : Optional.empty();
  }
}
