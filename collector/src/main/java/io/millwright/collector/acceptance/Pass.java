package io.millwright.collector.acceptance;

/**
 * The last time that a node's equipment was accepted.
 *
 * @param equipment that was accepted
 * @param by a person, or {@code policy} where the site's test has passed
 * @param evidence the test's record in words, or the person's reason
 */
public record Pass(Equipment equipment, long atMs, String by, String evidence) {}
