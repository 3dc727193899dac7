package io.millwright.agent.jobs;

import static io.millwright.protocol.vocabulary.job.JobState.ACCEPTED;
import static io.millwright.protocol.vocabulary.job.JobState.CLEANING;
import static io.millwright.protocol.vocabulary.job.JobState.ENDED;
import static io.millwright.protocol.vocabulary.job.JobState.PREPARING;
import static io.millwright.protocol.vocabulary.job.JobState.READY;
import static io.millwright.protocol.vocabulary.job.JobState.RUNNING;
import static io.millwright.protocol.vocabulary.job.JobState.STARTING;
import static io.millwright.protocol.vocabulary.job.JobState.STOPPING;
import static io.millwright.protocol.vocabulary.job.JobState.STUCK;

import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import java.util.List;
import java.util.Optional;

/**
 * What follows from what, for one run on one node: state × signal → state, outcome and effects.
 *
 * <p>Pure. The table is {@code docs/states.md}; a test holds both together. Rules behind it: ended
 * is final; the cause of a stop outlives the exit of what was stopped; a stop of a start under way
 * waits for that start's result, for it can then not be missed; devices are free only after
 * cleaning.
 */
final class JobStateMachine {
  private JobStateMachine() {}

  /**
   * @param outcome what the run will end with, as far as that is known
   */
  static Step step(JobState state, Optional<Outcome> outcome, Signal signal) {
    return switch (state) {
      case QUEUED, PLACED -> new Step.Illegal(state, signal);
      case ACCEPTED -> accepted(signal);
      case PREPARING -> preparing(signal);
      case READY -> ready(signal);
      case STARTING -> starting(outcome, signal);
      case RUNNING -> running(signal);
      case STOPPING -> stopping(outcome, signal);
      case CLEANING -> cleaning(outcome, signal);
      case STUCK -> stuck(outcome, signal);
      case ENDED -> ended(outcome, signal);
    };
  }

  private static Step accepted(Signal signal) {
    return switch (signal) {
      case Signal.Proceed() -> to(PREPARING, Optional.empty(), Effect.PREPARE);
      case Signal.Resumed() -> to(ACCEPTED, Optional.empty());
      case Signal.Refused(String reason) -> ended(Outcome.refused(reason));
      case Signal.Stop(Outcome cause) -> ended(cause);
      case Signal.Rebooted() -> ended(rebooted());
      default -> new Step.Illegal(ACCEPTED, signal);
    };
  }

  private static Step preparing(Signal signal) {
    return switch (signal) {
      case Signal.Proceed() -> to(PREPARING, Optional.empty());
      case Signal.Resumed() -> to(ACCEPTED, Optional.empty());
      case Signal.Prepared() -> to(STARTING, Optional.empty(), Effect.START);
      case Signal.PrepareFailed(String step) ->
          ended(new Outcome(Outcome.Kind.PREPARE_FAILED, step));
      case Signal.Held() -> to(READY, Optional.empty());
      case Signal.Stop(Outcome cause) -> ended(cause);
      case Signal.Rebooted() -> ended(rebooted());
      default -> new Step.Illegal(PREPARING, signal);
    };
  }

  /** That all are ready comes as {@link Signal.Prepared}, after one more look at the devices. */
  private static Step ready(Signal signal) {
    return switch (signal) {
      case Signal.Proceed(), Signal.Resumed() -> to(READY, Optional.empty());
      case Signal.Prepared() -> to(STARTING, Optional.empty(), Effect.START);
      case Signal.PrepareFailed(String step) ->
          ended(new Outcome(Outcome.Kind.PREPARE_FAILED, step));
      case Signal.Refused(String reason) -> ended(Outcome.refused(reason));
      case Signal.Stop(Outcome cause) -> ended(cause);
      case Signal.Rebooted() -> ended(rebooted());
      default -> new Step.Illegal(READY, signal);
    };
  }

  private static Step starting(Optional<Outcome> cause, Signal signal) {
    return switch (signal) {
      case Signal.Proceed() -> to(STARTING, cause);
      case Signal.Started() ->
          cause.isPresent() ? to(STOPPING, cause, Effect.STOP) : to(RUNNING, Optional.empty());
      case Signal.StartFailed(String reason) ->
          cleaning(cause.orElseGet(() -> new Outcome(Outcome.Kind.START_FAILED, reason)));
      case Signal.NeverBegan() ->
          cause.isPresent() ? to(ENDED, cause) : to(ACCEPTED, Optional.empty());
      case Signal.Exited(Outcome outcome) -> cleaning(cause.orElse(outcome));
      case Signal.Lost() -> cleaning(cause.orElseGet(JobStateMachine::untracked));
      case Signal.Stop(Outcome asked) -> to(STARTING, Optional.of(cause.orElse(asked)));
      case Signal.Rebooted() -> ended(cause.orElseGet(JobStateMachine::rebooted));
      default -> new Step.Illegal(STARTING, signal);
    };
  }

  private static Step running(Signal signal) {
    return switch (signal) {
      case Signal.Proceed(), Signal.Started() -> to(RUNNING, Optional.empty());
      case Signal.Exited(Outcome outcome) -> cleaning(outcome);
      case Signal.Lost() -> cleaning(untracked());
      case Signal.Stop(Outcome cause) -> to(STOPPING, Optional.of(cause), Effect.STOP);
      case Signal.Rebooted() -> ended(rebooted());
      default -> new Step.Illegal(RUNNING, signal);
    };
  }

  private static Step stopping(Optional<Outcome> cause, Signal signal) {
    return switch (signal) {
      case Signal.Proceed(), Signal.Stop(_) -> to(STOPPING, cause);
      case Signal.Started() -> to(STOPPING, cause, Effect.STOP);
      case Signal.Exited(_), Signal.Lost() -> to(CLEANING, cause, Effect.CLEAN);
      case Signal.Overdue() -> to(STUCK, cause);
      case Signal.Rebooted() -> to(ENDED, cause);
      default -> new Step.Illegal(STOPPING, signal);
    };
  }

  private static Step cleaning(Optional<Outcome> outcome, Signal signal) {
    return switch (signal) {
      case Signal.Proceed(), Signal.Stop(_) -> to(CLEANING, outcome);
      case Signal.Resumed() -> to(CLEANING, outcome, Effect.CLEAN);
      case Signal.Faulted(String reason) -> to(CLEANING, outcome.map(of -> faulted(of, reason)));
      case Signal.Cleaned(), Signal.Rebooted() -> to(ENDED, outcome);
      case Signal.Overdue() -> to(STUCK, outcome);
      default -> new Step.Illegal(CLEANING, signal);
    };
  }

  private static Step stuck(Optional<Outcome> outcome, Signal signal) {
    return switch (signal) {
      case Signal.Proceed(), Signal.Stop(_), Signal.Overdue() -> to(STUCK, outcome);
      case Signal.Resumed() -> to(STUCK, outcome, Effect.CLEAN);
      case Signal.Exited(_), Signal.Lost() -> to(CLEANING, outcome, Effect.CLEAN);
      case Signal.Faulted(String reason) -> to(STUCK, outcome.map(of -> faulted(of, reason)));
      case Signal.Cleaned(), Signal.Rebooted() -> to(ENDED, outcome);
      default -> new Step.Illegal(STUCK, signal);
    };
  }

  /** Late news of a run that has ended change nothing. */
  private static Step ended(Optional<Outcome> outcome, Signal signal) {
    return switch (signal) {
      case Signal.Proceed(), Signal.Stop(_), Signal.Resumed(), Signal.Rebooted() ->
          to(ENDED, outcome);
      default -> new Step.Illegal(ENDED, signal);
    };
  }

  private static Outcome faulted(Outcome outcome, String reason) {
    return explicable(outcome) ? new Outcome(Outcome.Kind.DEVICE_FAULT, reason) : outcome;
  }

  /** A device explains the failure of a program, and that of the other members of its gang. */
  static boolean explicable(Outcome outcome) {
    return switch (outcome.kind()) {
      case EXIT, SIGNAL, GROUP_FAILED -> true;
      default -> false;
    };
  }

  private static Outcome rebooted() {
    return Outcome.of(Outcome.Kind.NODE_REBOOTED);
  }

  private static Outcome untracked() {
    return Outcome.of(Outcome.Kind.UNTRACKED);
  }

  private static Step cleaning(Outcome outcome) {
    return to(CLEANING, Optional.of(outcome), Effect.CLEAN);
  }

  private static Step ended(Outcome outcome) {
    return to(ENDED, Optional.of(outcome));
  }

  private static Step to(JobState state, Optional<Outcome> outcome, Effect... effects) {
    return new Step.To(state, outcome, List.of(effects));
  }
}
