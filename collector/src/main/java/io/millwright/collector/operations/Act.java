package io.millwright.collector.operations;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * Something that policy does, or would do, about one rule that holds on one thing.
 *
 * @param id from 1, each once
 * @param device UUID; empty where the rule is of the node itself
 * @param observed what the rule saw
 * @param dry whether it is a dry run, which only says what would have been done
 * @param why what it waits for, or what became of it, in one clause
 * @param evidence what was captured before; what is missing is said
 * @param seenMs when the verdict was first seen for it, by the collector's wall clock
 * @param dueMs since when evidence alone kept it, or when it was carried out
 * @param doneMs when it was carried out
 * @param deadlineMs of a drain: when runs that are left are stopped
 * @param endedMs when it was over
 * @param clearMs since when the verdict is clear; not kept over a restart, so that the time counts
 *     anew then
 * @param holds whether the rule was seen to hold at the last look at a node that is heard; not kept
 *     over a restart either, so that nothing is stopped for a verdict that nobody told yet
 */
public record Act(
    long id,
    String node,
    Optional<String> device,
    String rule,
    String observed,
    Action action,
    boolean dry,
    Stage stage,
    String why,
    String evidence,
    long seenMs,
    OptionalLong dueMs,
    OptionalLong doneMs,
    OptionalLong deadlineMs,
    OptionalLong endedMs,
    OptionalLong clearMs,
    boolean holds) {

  /** What an act is about; one that is open for each. */
  public record Cause(String node, Optional<String> device, String rule) {}

  Cause cause() {
    return new Cause(node, device, rule);
  }

  /** Whether it takes capacity away now. */
  public boolean stands() {
    return stage == Stage.DONE && !dry;
  }

  /**
   * Whether the store keeps it. What waits is found anew after a restart, settles again, and is
   * held against all limits again.
   */
  boolean durable() {
    return switch (stage) {
      case DONE, OVERRULED, TAKEN_OVER, LIFTED -> true;
      case CLOSED -> doneMs.isPresent();
      case SETTLING, WAITING, REFUSED, LAPSED -> false;
    };
  }

  static Act seen(long id, Cause cause, String observed, Policy.Rule rule, long nowMs) {
    return new Act(
        id,
        cause.node(),
        cause.device(),
        cause.rule(),
        observed,
        rule.action(),
        rule.mode() == Policy.Mode.DRY_RUN,
        Stage.SETTLING,
        "the verdict is to hold for a while first",
        "",
        nowMs,
        OptionalLong.empty(),
        OptionalLong.empty(),
        OptionalLong.empty(),
        OptionalLong.empty(),
        OptionalLong.empty(),
        true);
  }

  /** What evidence alone keeps waits for it from the first time on. */
  Act awaitingEvidence(String reason, long nowMs) {
    return copy(
        Stage.WAITING,
        reason,
        evidence,
        dueMs.isPresent() ? dueMs : OptionalLong.of(nowMs),
        doneMs,
        deadlineMs,
        endedMs,
        clearMs);
  }

  Act done(String reason, String captured, long nowMs, OptionalLong deadline) {
    return copy(
        Stage.DONE,
        reason,
        captured,
        dueMs.isPresent() ? dueMs : OptionalLong.of(nowMs),
        OptionalLong.of(nowMs),
        deadline,
        endedMs,
        clearMs);
  }

  /** At a stage in which it is watched further. */
  Act at(Stage next, String reason) {
    return copy(next, reason, evidence, dueMs, doneMs, deadlineMs, endedMs, clearMs);
  }

  Act ended(Stage next, String reason, long nowMs) {
    return copy(next, reason, evidence, dueMs, doneMs, deadlineMs, OptionalLong.of(nowMs), clearMs);
  }

  Act clearSince(OptionalLong since) {
    return clearMs.equals(since)
        ? this
        : copy(stage, why, evidence, dueMs, doneMs, deadlineMs, endedMs, since);
  }

  Act holding(boolean seen) {
    return holds == seen
        ? this
        : new Act(
            id,
            node,
            device,
            rule,
            observed,
            action,
            dry,
            stage,
            why,
            evidence,
            seenMs,
            dueMs,
            doneMs,
            deadlineMs,
            endedMs,
            clearMs,
            seen);
  }

  /** Whether the store need not know the difference between this and another. */
  boolean sameInStore(Act other) {
    return stored().equals(other.stored());
  }

  private Act stored() {
    return clearSince(OptionalLong.empty()).holding(false);
  }

  private Act copy(
      Stage next,
      String reason,
      String captured,
      OptionalLong due,
      OptionalLong done,
      OptionalLong deadline,
      OptionalLong ended,
      OptionalLong clear) {
    return new Act(
        id, node, device, rule, observed, action, dry, next, reason, captured, seenMs, due, done,
        deadline, ended, clear, holds);
  }

  /** As in {@code drain of n1 for xid-reboot on GPU-1}. */
  String words() {
    return "%s of %s for %s%s"
        .formatted(action.word(), node, rule, device.map(uuid -> " on " + uuid).orElse(""));
  }
}
