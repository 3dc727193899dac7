package io.millwright.agent.jobs;

import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import java.util.List;
import java.util.Optional;

/** What a signal does to a run. */
sealed interface Step {

  /**
   * The run stands there now.
   *
   * @param outcome that it ends with, or will end with; empty while that is open
   * @param effects to be done once the step is written down
   */
  record To(JobState state, Optional<Outcome> outcome, List<Effect> effects) implements Step {
    public To {
      effects = List.copyOf(effects);
      if (state == JobState.ENDED && outcome.isEmpty()) {
        throw new IllegalArgumentException("an ended run has an outcome");
      }
    }
  }

  /** The signal has no meaning in this state: an error of the caller; the run stays as it is. */
  record Illegal(JobState state, Signal signal) implements Step {
    String sentence() {
      return "signal %s has no meaning in state %s".formatted(signal.word(), state.word());
    }
  }
}
