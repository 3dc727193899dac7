/**
 * Which equipment of a node the site has accepted, and what has changed since.
 *
 * <p>Pure but for {@link io.millwright.collector.acceptance.AcceptanceDesk}, which the thread
 * {@code control} owns. Knows nothing of placement, sockets or SQL. What a node does not tell is
 * absent here, and never a change.
 */
@NullMarked
package io.millwright.collector.acceptance;

import org.jspecify.annotations.NullMarked;
