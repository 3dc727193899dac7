package io.millwright.agent.launcher.verb;

import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.RunId;

/** What the agent may ask the launcher for; there is nothing else. */
public sealed interface Verb {
  /** Grace that a stop may give at most, in milliseconds. */
  long LONGEST_GRACE_MS = 3600_000;

  /** Begins a run that has never begun, if the node's policy allows it. */
  record Start(Assignment assignment) implements Verb {}

  /** Asks all of a run to end; those that have not after the grace are the agent's to kill. */
  record Stop(RunId run, long graceMs) implements Verb {
    public Stop {
      if (graceMs < 0 || graceMs > LONGEST_GRACE_MS) {
        throw new IllegalArgumentException(
            "grace_ms: '%d' is refused; allowed is from 0 to %d"
                .formatted(graceMs, LONGEST_GRACE_MS));
      }
    }
  }

  /** Kills all of a run at once. */
  record Kill(RunId run) implements Verb {}

  /** Writes the end of a run down, where its unit has ended and nobody did. */
  record Note(RunId run) implements Verb {}

  /** Answered when no start that was asked for earlier is under way. */
  record Settle() implements Verb {}

  /** Deletes what is kept of a run that ended; not that it was begun. */
  record Forget(RunId run) implements Verb {}

  /** These bytes are no verb: one sentence. */
  final class Unreadable extends Exception {
    private static final long serialVersionUID = 1;

    Unreadable(String sentence) {
      super(sentence);
    }

    /** What is wrong with them. */
    public String sentence() {
      return String.valueOf(getMessage());
    }
  }
}
