package io.millwright.protocol.views;

/**
 * Something that happened; {@code GET /v1/events}.
 *
 * @param sequence of the collector, rising
 * @param atMs when it happened, by the clock of whoever tells it
 * @param kind as in {@code node-connected}
 * @param subject what it happened to, as in {@code node1}
 * @param message one sentence
 */
public record EventView(long sequence, long atMs, String kind, String subject, String message) {}
