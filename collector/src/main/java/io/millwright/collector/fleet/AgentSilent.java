package io.millwright.collector.fleet;

import io.millwright.protocol.vocabulary.health.Advice;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.Scope;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.time.Duration;
import java.util.Optional;

/** The collector's own rule: of a node that is not heard, nothing is known. */
final class AgentSilent {
  private static final String RULE = "agent-silent";
  private static final int VERSION = 1;

  private AgentSilent() {}

  static Evidence of(NodeState node, long nowNanos) {
    return new Evidence(
        RULE,
        VERSION,
        Verdict.UNKNOWN,
        Advice.INSPECT,
        Scope.NODE,
        observed(node, Duration.ofNanos(nowNanos - node.arrivedNanos()).toSeconds()),
        node.arrivedWallMs(),
        "a frame of its agent",
        Optional.empty(),
        false);
  }

  private static String observed(NodeState node, long seconds) {
    return node.session() == 0
        ? "its session has ended, and nothing was heard of it since %d s".formatted(seconds)
        : "nothing was heard of it since %d s".formatted(seconds);
  }
}
