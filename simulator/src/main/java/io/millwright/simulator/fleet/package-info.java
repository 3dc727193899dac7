/**
 * Thousands of simulated nodes in one process: real uplinks of the agent with its real encoder, fed
 * from a model of values instead of hardware.
 *
 * <p>{@link io.millwright.simulator.fleet.SimulatedFleet} owns the thread {@code fleet}, on which
 * all values are made; the uplinks' few loops encode and send. No driver, no sampler and no health
 * engine is in it: what a real node costs is not measured here, what it costs its collector is.
 */
@NullMarked
package io.millwright.simulator.fleet;

import org.jspecify.annotations.NullMarked;
