package io.millwright.collector.hot;

/**
 * One reading of the last minutes.
 *
 * @param wallMs when it arrived, or was taken where it came late, by the collector's wall clock
 * @param value in the metric's base unit
 */
public record Point(long wallMs, double value) {}
