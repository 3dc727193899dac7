/**
 * What this node needs of systemd and of the kernel: the services and modules of a data file, by
 * what is there, and those that the site adds.
 *
 * <p>{@link io.millwright.agent.host.Requirements} says which; {@link
 * io.millwright.agent.host.ModuleSource} and {@link io.millwright.agent.host.ServiceSource} read
 * them, each on a lane of its own, since the bus may hang. Imports the room of D-Bus and the
 * drivers' vocabulary. What this node does not need has no series.
 */
@NullMarked
package io.millwright.agent.host;

import org.jspecify.annotations.NullMarked;
