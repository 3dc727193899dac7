package io.millwright.protocol.views;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * A rule that is treated as ok on a node; {@code GET /v1/overrides}.
 *
 * @param rule absent for all
 */
public record OverrideView(
    String id,
    String node,
    Optional<String> rule,
    boolean holds,
    long sinceMs,
    long untilMs,
    String reason,
    String by,
    OptionalLong endedMs) {}
