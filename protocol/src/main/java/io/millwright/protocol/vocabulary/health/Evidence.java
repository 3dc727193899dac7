package io.millwright.protocol.vocabulary.health;

import java.util.Optional;

/**
 * Why something is judged as it is: one rule that holds now.
 *
 * @param rule id of the rule, as in {@code ecc-uncorrectable}
 * @param version of the rule
 * @param verdict that the rule gives
 * @param advice what to do
 * @param scope what the advice touches
 * @param observed the values that were seen, in one sentence; never the name of a job, a user or a
 *     program, which not everybody may see who may see the machines
 * @param sinceMs when it began to hold, by the node's wall clock
 * @param clears what ends it, in one sentence
 * @param job the run that has the device, as in {@code hello-r1}
 * @param observeOnly whether it is only shown, and counts for no verdict
 */
public record Evidence(
    String rule,
    int version,
    Verdict verdict,
    Advice advice,
    Scope scope,
    String observed,
    long sinceMs,
    String clears,
    Optional<String> job,
    boolean observeOnly) {}
