/**
 * Judges how the node and its devices are: snapshots and events in, judgements with their evidence
 * out.
 *
 * <p>Pure: no file, no thread, no clock, no log; whoever holds the {@link
 * io.millwright.agent.health.Engine} is its only thread. The rules are data of {@code
 * protocol.health}. What was not observed is {@code unknown}; a device that the node does not have
 * gets no judgement. It imports no other room.
 */
@NullMarked
package io.millwright.agent.health;

import org.jspecify.annotations.NullMarked;
