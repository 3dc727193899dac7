package io.millwright.protocol.views;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * Something that policy does, or would do; {@code GET /v1/acts}.
 *
 * @param device UUID; absent where the rule is of the node itself
 * @param stage as in {@code waiting} or {@code done}
 * @param why what it waits for, or what became of it
 * @param evidence what was captured before
 */
public record ActView(
    long id,
    String node,
    Optional<String> device,
    String rule,
    String observed,
    String action,
    boolean dryRun,
    String stage,
    String why,
    Optional<String> evidence,
    long seenMs,
    OptionalLong dueMs,
    OptionalLong doneMs,
    OptionalLong deadlineMs,
    OptionalLong endedMs) {}
