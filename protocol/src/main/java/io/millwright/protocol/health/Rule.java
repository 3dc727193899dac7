package io.millwright.protocol.health;

import io.millwright.protocol.vocabulary.health.Advice;
import io.millwright.protocol.vocabulary.health.Scope;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.time.Duration;

/**
 * One rule of health.
 *
 * @param id as in {@code remap-failed}; never given to another rule
 * @param version rises with each change of what follows from it
 * @param vendor whose devices it judges; {@code any} for the node, and where it is the same for all
 * @param check word of the label {@code check} of the health metrics
 * @param held how long the condition must hold first
 * @param observeOnly whether it is only shown, and counts for no verdict
 * @param meaning in one or two sentences
 * @param endsInWords what ends it, in words
 * @param reference where the facts are from
 */
public record Rule(
    String id,
    int version,
    String vendor,
    String check,
    Condition condition,
    Duration held,
    Ending ending,
    Verdict verdict,
    Advice advice,
    Scope scope,
    boolean observeOnly,
    String meaning,
    String endsInWords,
    String reference) {
  public Rule {
    if (!id.matches("[a-z][a-z0-9-]{1,40}")) {
      throw RuleException.refused("id", id, "2 to 41 small letters, digits and dashes");
    }
    require(version >= 1, "version", "a version from 1");
    require(
        verdict != Verdict.FAILED || advice != Advice.NONE,
        "advice",
        "an advice, because its verdict is failed");
    require(
        verdict != Verdict.OK || observeOnly,
        "observe_only",
        "observe_only, because its verdict is ok");
    require(!endsInWords.isBlank(), "ends_in_words", "words for what ends it");
    require(!meaning.isBlank(), "meaning", "a meaning");
    require(!reference.isBlank(), "reference", "a reference");
    Endings.requireFitting(condition, held, ending);
  }

  private static void require(boolean holds, String column, String what) {
    if (!holds) {
      throw new RuleException(column, "%s: the rule needs %s".formatted(column, what));
    }
  }

  /**
   * Whether it tells that a device does not answer: while it speaks, nothing else of the device is
   * observed. Of equal verdicts it stands behind what else is said, which may be the cause.
   */
  public boolean blinds() {
    return switch (condition) {
      case Condition.Lost _,
          Condition.DriverGone _,
          Condition.Stuck _,
          Condition.Silent _,
          Condition.Awaited _ ->
          true;
      default -> false;
    };
  }

  /** What the label {@code severity} of the error counters says: fatal, warning or info. */
  public String severity() {
    return switch (verdict) {
      case OK -> "info";
      case DEGRADED, UNKNOWN -> "warning";
      case FAILED -> "fatal";
    };
  }

  /** What it listens to, in a word or two; its threshold and window are in {@code when}. */
  public String source() {
    return switch (condition) {
      case Condition.Reading _,
          Condition.Increase _,
          Condition.Share _,
          Condition.PcieReplays _,
          Condition.Turns _,
          Condition.Gone _,
          Condition.Began _,
          Condition.Frozen _,
          Condition.Blind _,
          Condition.BelowPeers _,
          Condition.Unread _ ->
          "readings";
      case Condition.Xid _, Condition.XidJobs _ -> "driver events, kernel log";
      case Condition.Sxid _, Condition.NeuronError _, Condition.Kernel _ -> "kernel log";
      case Condition.Lost _, Condition.DriverGone _, Condition.Missing _, Condition.Fewer _ ->
          "driver";
      case Condition.Stuck _, Condition.Silent _, Condition.Awaited _, Condition.ProbeFails _ ->
          "agent";
    };
  }

  /** The page in {@code docs/runbooks} that says what to do about it. */
  public String runbook() {
    return id + ".md";
  }

  /**
   * Whether it judges devices of this vendor. What a lane sees of a device is the same whoever made
   * it.
   */
  public boolean ofDevices(String maker) {
    return vendor.equals(maker)
        || condition instanceof Condition.Lost
        || condition instanceof Condition.DriverGone
        || condition instanceof Condition.Stuck
        || condition instanceof Condition.Silent
        || condition instanceof Condition.Awaited;
  }

  /** Whether events make it speak, and not readings. */
  public boolean ofEvents() {
    return condition instanceof Condition.Xid
        || condition instanceof Condition.Sxid
        || condition instanceof Condition.NeuronError
        || condition instanceof Condition.XidJobs
        || condition instanceof Condition.Kernel;
  }
}
