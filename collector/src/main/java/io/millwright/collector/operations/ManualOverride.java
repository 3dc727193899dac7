package io.millwright.collector.operations;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * Somebody says that a rule, or all of them, is to be treated as ok on a node for a time. What is
 * judged is shown unchanged; nothing acts on it, nobody is called for it, and placement takes no
 * notice of it.
 *
 * @param id as in {@code o3}
 * @param rule id of the rule; empty for all
 * @param untilMs wall clock of the collector at which it ends by itself
 * @param endedMs when somebody ended it before its time
 */
public record ManualOverride(
    String id,
    String node,
    Optional<String> rule,
    long sinceMs,
    long untilMs,
    String reason,
    String by,
    OptionalLong endedMs) {

  public boolean holds(long nowMs) {
    return endedMs.isEmpty() && nowMs < untilMs;
  }

  boolean covers(String otherNode, String otherRule) {
    return node.equals(otherNode) && rule.map(otherRule::equals).orElse(true);
  }

  ManualOverride ended(long atMs) {
    return new ManualOverride(id, node, rule, sinceMs, untilMs, reason, by, OptionalLong.of(atMs));
  }
}
