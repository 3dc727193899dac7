/**
 * What runs use of their devices and of the host: counters of the hardware before and after, gauges
 * and the accounts of the kernel in between, whoever placed the run.
 *
 * <p>The thread {@code accounts} owns what is open and its file; readings are taken by others, and
 * this room looks at their snapshots. What was not read is absent and never zero.
 */
@NullMarked
package io.millwright.agent.accounting;

import org.jspecify.annotations.NullMarked;
