package io.millwright.agent.jobs;

import io.millwright.protocol.vocabulary.job.Outcome;

/** What happens to a run. */
sealed interface Signal {

  /** The name in {@code docs/states.md}. */
  default String word() {
    return switch (this) {
      case Proceed() -> "proceed";
      case Refused _ -> "refused";
      case Prepared() -> "prepared";
      case PrepareFailed _ -> "prepare-failed";
      case Held() -> "held";
      case Started() -> "started";
      case StartFailed _ -> "start-failed";
      case NeverBegan() -> "never-began";
      case Exited _ -> "exited";
      case Lost() -> "lost";
      case Stop _ -> "stop";
      case Faulted _ -> "faulted";
      case Cleaned() -> "cleaned";
      case Overdue() -> "overdue";
      case Resumed() -> "resumed";
      case Rebooted() -> "rebooted";
    };
  }

  /** A desired state names the run: it may begin. */
  record Proceed() implements Signal {}

  /** The node does not take it. */
  record Refused(String reason) implements Signal {}

  /** Its devices and surroundings are ready. */
  record Prepared() implements Signal {}

  /** They are not. */
  record PrepareFailed(String step) implements Signal {}

  /** They are ready, and the others of its gang are waited for. */
  record Held() implements Signal {}

  /** Its process is there: just begun, or found again by a restarted agent. */
  record Started() implements Signal {}

  /** Its process could not begin. */
  record StartFailed(String reason) implements Signal {}

  /** An interrupted start had not begun, and now cannot begin any more. */
  record NeverBegan() implements Signal {}

  /** Its process ended, and how is known. */
  record Exited(Outcome outcome) implements Signal {}

  /** Its process is gone, and how it ended is not known. */
  record Lost() implements Signal {}

  /** Somebody or something wants it to end; the cause becomes its outcome. */
  record Stop(Outcome cause) implements Signal {}

  /** A device of it has failed. */
  record Faulted(String reason) implements Signal {}

  /** Nothing of it is left on the node. */
  record Cleaned() implements Signal {}

  /** What was to be gone is still there. */
  record Overdue() implements Signal {}

  /** The agent is back after a restart on the same boot. */
  record Resumed() implements Signal {}

  /** The node was booted since. */
  record Rebooted() implements Signal {}
}
