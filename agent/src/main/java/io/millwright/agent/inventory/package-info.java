/**
 * What the site last accepted of this machine's equipment, as the collector tells it: kept on the
 * disk, and the number of accelerators that are expected where nothing else says it.
 *
 * <p>Owns no thread: the lane {@code upkeep} writes and looks, the session and the sampler hand
 * over and read. Reads no hardware; what is here it knows from the last snapshot. Imports the room
 * of records alone. Nothing accepted is an inventory without devices.
 */
@NullMarked
package io.millwright.agent.inventory;

import org.jspecify.annotations.NullMarked;
