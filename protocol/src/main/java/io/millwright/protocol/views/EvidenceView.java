package io.millwright.protocol.views;

import java.util.Optional;

/**
 * Why something is judged as it is: one rule that holds now.
 *
 * @param accelerator number on the node of what is judged; absent for the node itself
 * @param rule id of the rule, as in {@code ecc-uncorrectable}
 * @param version of the rule
 * @param verdict that the rule gives
 * @param advice what to do, as in {@code reset-device}
 * @param scope what the advice touches: {@code device}, {@code tray}, {@code node} or {@code
 *     domain}
 * @param observed the values that were seen, in one sentence
 * @param sinceMs when it began to hold, by the clock of whoever judges
 * @param clears what ends it, in one sentence
 * @param job the run that has the device, for those who may see jobs
 * @param observeOnly whether it is only shown, and counts for no verdict
 * @param runbook path, on the collector's port, of the page that says what to do; of packaged rules
 *     that call something failed
 */
public record EvidenceView(
    Optional<String> accelerator,
    String rule,
    int version,
    String verdict,
    String advice,
    String scope,
    String observed,
    long sinceMs,
    String clears,
    Optional<String> job,
    boolean observeOnly,
    Optional<String> runbook) {}
