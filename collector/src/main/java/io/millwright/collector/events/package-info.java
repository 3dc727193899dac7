/**
 * What happened in the fleet: what agents tell, and what the collector saw itself, kept in one
 * order.
 *
 * <p>The thread {@code event-store} owns the file of events. An agent is told that its events are
 * kept only when they are durable; the single writer waits for none of it.
 */
@NullMarked
package io.millwright.collector.events;

import org.jspecify.annotations.NullMarked;
