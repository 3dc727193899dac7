package io.millwright.agent.launcher;

import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.RunId;

/**
 * A run to be begun.
 *
 * @param user it runs as, resolved once
 * @param policy that allowed it
 */
public record Launch(Assignment assignment, UnixUser user, Policy policy) {
  public RunId run() {
    return assignment.id();
  }
}
