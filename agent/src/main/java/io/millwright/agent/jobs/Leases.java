package io.millwright.agent.jobs;

import io.millwright.agent.launcher.Units;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.job.JobSpec;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long runs go on that ask to be stopped when no collector renews them. An agent that was told
 * nothing since its start stops none of them: whoever ends them without an agent knows until when
 * they go on. Neither does it stop any after the wall clock has jumped against the time since the
 * boot, until the next renewal. Owned by the thread {@code jobs}.
 */
final class Leases {
  private static final Logger LOG = LoggerFactory.getLogger(Leases.class);
  private static final Duration JUMP = Duration.ofSeconds(10);

  private final Supplier<Optional<Renewal>> newest;
  private final Units units;
  private final Clock clock;
  private Optional<Renewal> known = Optional.empty();
  private Duration ahead = Duration.ZERO;
  private boolean suspect;

  /**
   * @param newest that was told to this agent
   */
  Leases(Supplier<Optional<Renewal>> newest, Units units, Clock clock) {
    this.newest = newest;
    this.units = units;
    this.clock = clock;
  }

  /** Takes in what was told; whether it is another than before. */
  boolean renewed() {
    Optional<Renewal> told = newest.get();
    if (told.equals(known)) {
      return false;
    }
    known = told;
    ahead = ahead();
    suspect = false;
    return true;
  }

  /** Whether any was ever told to this agent. */
  boolean known() {
    return known.isPresent();
  }

  /** When a run of this job is stopped, since the boot; empty where this agent stops it not. */
  Optional<Duration> until(JobSpec spec) {
    return known.flatMap(renewal -> renewal.until(spec));
  }

  /** Whether a run of this job may begin. */
  boolean covers(JobSpec spec) {
    return !spec.lease().stops()
        || until(spec).filter(until -> until.compareTo(units.uptime()) > 0).isPresent();
  }

  /** Whether a run of this job is to be stopped. */
  boolean over(JobSpec spec) {
    return until(spec).filter(until -> until.compareTo(units.uptime()) <= 0).isPresent()
        && !suspected();
  }

  private boolean suspected() {
    boolean jumped = ahead().minus(ahead).abs().compareTo(JUMP) > 0;
    if (jumped && !suspect) {
      LOG.warn("the wall clock has jumped: no run is stopped for its lease before the next one");
    }
    suspect = jumped;
    return suspect;
  }

  private Duration ahead() {
    return Duration.ofMillis(clock.wall().toEpochMilli()).minus(units.uptime());
  }
}
