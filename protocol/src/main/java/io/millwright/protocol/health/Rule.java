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
 * @param source where the facts are from
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
    String source) {
  public Rule {
    require(id.matches("[a-z][a-z0-9-]{1,40}"), id, "an id of small letters, digits and dashes");
    require(version >= 1, id, "a version from 1");
    require(
        verdict != Verdict.FAILED || advice != Advice.NONE,
        id,
        "an advice, because its verdict is failed");
    require(verdict != Verdict.OK || observeOnly, id, "observe_only, because its verdict is ok");
    require(!endsInWords.isBlank(), id, "words for what ends it");
    require(!meaning.isBlank(), id, "a meaning");
  }

  private static void require(boolean holds, String id, String what) {
    if (!holds) {
      throw new IllegalArgumentException("rule '%s' needs %s".formatted(id, what));
    }
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
        || condition instanceof Condition.Silent;
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
