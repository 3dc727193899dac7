/**
 * The node's own certificate: who shows it, and how the next one is had before it ends.
 *
 * <p>The thread {@code renewal} asks the collector, on a connection of its own, and writes the
 * file; the uplink takes whatever is newest when it connects. It imports {@code protocol}, and no
 * other room. Where no certificate can be had the old one is shown on, and why is said once, in the
 * log.
 */
@NullMarked
package io.millwright.agent.renewal;

import org.jspecify.annotations.NullMarked;
