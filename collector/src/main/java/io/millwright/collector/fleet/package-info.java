/**
 * What the collector knows of its nodes now: one immutable {@link
 * io.millwright.collector.fleet.FleetState}, made anew by the single writer from facts that arrive,
 * read by everybody else through one volatile reference.
 *
 * <p>Pure: no I/O, no threads, no clock; times come in with the facts. It imports nothing of the
 * sessions that bring them. What a node has not told is absent; the readings of a node that is not
 * connected are kept but not shown.
 */
@NullMarked
package io.millwright.collector.fleet;

import org.jspecify.annotations.NullMarked;
