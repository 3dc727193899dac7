package io.millwright.agent.launcher;

import io.millwright.agent.launcher.verb.Verb;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.StartOrder;
import java.util.Optional;

/**
 * A run to be begun.
 *
 * @param user it runs as, resolved once
 * @param policy that allowed it
 * @param order the collector's own, for a launcher that asks for one
 */
public record Launch(
    Assignment assignment, UnixUser user, Policy policy, Optional<StartOrder> order) {
  /** Of a collector that signs nothing. */
  public Launch(Assignment assignment, UnixUser user, Policy policy) {
    this(assignment, user, policy, Optional.empty());
  }

  /** What a launcher is asked for: the order where there is one, else what the agent wants. */
  public Verb.Begin verb() {
    return order.<Verb.Begin>map(Verb.StartSigned::new).orElseGet(() -> new Verb.Start(assignment));
  }

  public RunId run() {
    return assignment.id();
  }
}
