package io.millwright.collector.placement;

/**
 * One term of the score of a choice, for people who ask: why here?
 *
 * @param value from 0 to 1
 */
public record Mark(String term, double weight, double value) {}
