/**
 * The hot set: some readings of each accelerator, by column over the whole fleet, and their last
 * ten minutes.
 *
 * <p>Written by the single writer, the thread {@code control}, alone; read by anybody without a
 * lock. What a device has not told is absent, and so is what a node told that is not connected now.
 * It takes what it keeps from the fleet's state and imports no edge.
 */
@NullMarked
package io.millwright.collector.hot;

import org.jspecify.annotations.NullMarked;
