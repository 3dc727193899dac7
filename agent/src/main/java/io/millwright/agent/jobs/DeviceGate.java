package io.millwright.agent.jobs;

import io.millwright.protocol.vocabulary.job.DeviceSet;
import java.time.Duration;
import java.util.Optional;

/**
 * The last look at the devices before a run gets them: there, healthy, held by nobody; and whether
 * one of them failed under it. Asked on the thread {@code jobs}, so it must not wait.
 */
@FunctionalInterface
public interface DeviceGate {

  /** Why they cannot be given, in one sentence; empty when they can. */
  Optional<String> refusal(DeviceSet devices);

  /** Which of a run's devices is failed, and by what, in a few words; empty where none is. */
  default Optional<String> fault(DeviceSet devices) {
    return Optional.empty();
  }

  /** How long after the end of a program a fault that ended it may still be told. */
  default Duration faultWait() {
    return Duration.ZERO;
  }
}
