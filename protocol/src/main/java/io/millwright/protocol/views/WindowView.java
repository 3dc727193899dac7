package io.millwright.protocol.views;

import java.util.OptionalLong;

/**
 * One window of maintenance; {@code GET /v1/maintenance}.
 *
 * @param area {@code node}, {@code rack} or {@code domain}
 * @param name of the area
 * @param phase {@code planned}, {@code open} or {@code ended}
 */
public record WindowView(
    String id,
    String area,
    String name,
    String phase,
    String owner,
    String reason,
    long startMs,
    long endMs,
    OptionalLong drainAheadMs,
    String by,
    OptionalLong endedMs) {}
