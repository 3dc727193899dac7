package io.millwright.agent.launcher;

import io.millwright.protocol.vocabulary.job.Outcome;
import java.time.Duration;
import java.util.Optional;

/** What is so of a run on this node. */
public sealed interface Presence {

  /** It had not begun, and cannot any more. */
  record NeverBegan() implements Presence {}

  /** It could not begin. */
  record Failed(String reason) implements Presence {}

  /**
   * Its process is there.
   *
   * @param ran since its begin, by a clock that counts the machine's sleep too
   */
  record Running(Identity process, Duration ran) implements Presence {}

  /**
   * Its process ended and the record of that was found.
   *
   * @param ran from begin to end
   * @param ago since the end; so long nobody looked; empty when the node was booted in between
   */
  record Ended(Outcome outcome, Duration ran, Optional<Duration> ago) implements Presence {}

  /** Its process is gone without a record. */
  record Gone() implements Presence {}
}
