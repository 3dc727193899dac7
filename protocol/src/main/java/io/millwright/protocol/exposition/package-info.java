/**
 * Readings as text that Prometheus scrapes: the text format 0.0.4 and OpenMetrics 1.0.0.
 *
 * <p>Pure: no I/O, no threads, no clocks, no logging; it imports the vocabulary only. What is not
 * measured is absent from the page, never 0 or NaN, and a family of which nothing is measured has
 * no header either.
 *
 * <p>This writer exists beside the Prometheus client because a node shows the same thousand series
 * every second: with their names and labels escaped once, a page costs a seventh of the client's.
 * The tests hold it to the client's reading, value by value.
 */
@NullMarked
package io.millwright.protocol.exposition;

import org.jspecify.annotations.NullMarked;
