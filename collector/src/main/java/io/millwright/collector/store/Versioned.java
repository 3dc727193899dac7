package io.millwright.collector.store;

/**
 * A value under its key.
 *
 * @param revision of the store when the value was put
 */
public record Versioned(String key, String value, long revision) {}
