package io.millwright.collector.store;

/**
 * An event that is kept.
 *
 * @param id rising over the life of the store; never used again
 * @param node whose agent told it, or that the collector tells of; empty for the fleet
 * @param atMs when it was told, by the clock of whoever told it
 * @param subject what it happened to, in words
 * @param message one sentence
 * @param body what the agent told, as JSON; empty for an event of the collector
 * @param ticket under which the part is returned that it happened to, which is not for everybody;
 *     empty where none is
 */
public record EventRow(
    long id,
    String node,
    long atMs,
    String kind,
    String subject,
    String message,
    String body,
    String ticket) {}
