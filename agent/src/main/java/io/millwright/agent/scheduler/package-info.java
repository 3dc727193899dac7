/**
 * What a scheduler of the site is told and asked on this node: a door that only root and the
 * agent's own user may pass, behind which runs begin and end that others placed, and which says
 * whether the node may take work.
 *
 * <p>The thread {@code scheduler} opens the door, and each caller has a thread of its own, a
 * bounded number of them. A run is never refused because something here fails: only a verdict
 * refuses.
 */
@NullMarked
package io.millwright.agent.scheduler;

import org.jspecify.annotations.NullMarked;
