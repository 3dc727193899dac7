package io.millwright.collector.jobs;

import io.millwright.collector.placement.Share;
import io.millwright.protocol.vocabulary.job.CheckResult;
import io.millwright.protocol.vocabulary.job.ImexChannel;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.Rendezvous;
import io.millwright.protocol.vocabulary.job.Term;
import io.millwright.protocol.vocabulary.job.Usage;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What can happen to a run. */
sealed interface Signal {

  /**
   * When it happens.
   *
   * @param generation of the desired states that will carry it
   * @param store the generation of the store in which it happens
   */
  record Moment(Instant at, long generation, long store) {}

  /**
   * It has its nodes and devices.
   *
   * @param rendezvous where the members meet, the first share's node being of rank 0
   * @param go whether its members may begin
   * @param channel of all of them
   */
  record Granted(
      Term term,
      List<Share> shares,
      Optional<Rendezvous> rendezvous,
      Grant.Go go,
      Optional<ImexChannel> channel)
      implements Signal {}

  /** All of its members are ready: they may begin. */
  record Go() implements Signal {}

  /** Its members begin whether or not all are ready, or have begun: a recovery cannot tell. */
  record Begun() implements Signal {}

  record StopWanted(Outcome.Kind why, String by) implements Signal {}

  /** The same of a queued run that nodes may turn out to have: it does not end by it yet. */
  record StopNoted(Outcome.Kind why, String by) implements Signal {}

  /** A queued run is given up: for the reason for which it was stopped, else for this one. */
  record GivenUp(Outcome.Kind why) implements Signal {}

  /**
   * @param detail why it is in that state
   * @param checks what the checks around it came to so far
   */
  record Reported(
      String node,
      JobState state,
      Optional<Outcome> outcome,
      Usage usage,
      String detail,
      List<CheckResult> checks)
      implements Signal {}

  /** The collector ends it on a node that cannot be asked. */
  record Declared(String node, Outcome outcome) implements Signal {}
}
