package io.millwright.collector.placement;

/**
 * Why not there.
 *
 * @param reason in words, as in {@code 8 accelerators, 3 free, 4 wanted}
 */
public record Refusal(String node, String reason) {}
