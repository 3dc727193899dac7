/**
 * What runs have used, by whoever they ran for: a row for each node of an ended run, of the
 * accounts that agents tell as events, and sums of them for who asks.
 *
 * <p>The thread {@code event-store} stores, before an agent is told that its event is kept; the
 * thread {@code usage} answers questions.
 */
@NullMarked
package io.millwright.collector.usage;

import org.jspecify.annotations.NullMarked;
