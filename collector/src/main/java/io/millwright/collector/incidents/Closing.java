package io.millwright.collector.incidents;

/**
 * That a person closed an incident.
 *
 * @param by name of who did
 * @param reason in their words
 */
public record Closing(String by, String reason) {}
