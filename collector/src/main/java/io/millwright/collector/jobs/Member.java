package io.millwright.collector.jobs;

import io.millwright.protocol.vocabulary.job.CheckResult;
import io.millwright.protocol.vocabulary.job.DeviceSet;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.Usage;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A run on one of its nodes.
 *
 * @param state as the node last reported it; {@code placed} before it reported
 * @param outcome once it ended there
 * @param usage as last reported
 * @param detail why it is in that state, as the node last reported; empty where it did not say
 * @param declared the generation in which the collector declared the end without the node, as of a
 *     node that was lost; the node is told to stop until it applied that generation
 * @param checks what the checks around it came to, as last reported
 */
public record Member(
    String node,
    DeviceSet devices,
    JobState state,
    Optional<Outcome> outcome,
    Usage usage,
    String detail,
    OptionalLong declared,
    List<CheckResult> checks) {
  public Member {
    checks = List.copyOf(checks);
  }

  static Member placed(String node, DeviceSet devices) {
    return new Member(
        node,
        devices,
        JobState.PLACED,
        Optional.empty(),
        Usage.NONE,
        "",
        OptionalLong.empty(),
        List.of());
  }

  /** Whether the node still has it; until then its devices are taken. */
  public boolean open() {
    return state != JobState.ENDED;
  }
}
