package io.millwright.agent.jobs;

import io.millwright.protocol.vocabulary.job.DeviceSet;
import java.util.Optional;

/**
 * The last look at the devices before a run gets them: there, healthy, held by nobody. Asked on the
 * thread {@code jobs}, so it must not wait.
 */
@FunctionalInterface
public interface DeviceGate {

  /** Why they cannot be given, in one sentence; empty when they can. */
  Optional<String> refusal(DeviceSet devices);
}
