/**
 * Evidence of the node: bundles of all that is known, kept beneath the agent's state, and the
 * records of the site's own tests.
 *
 * <p>Everything in a bundle comes from what is held already or from a source with a deadline of its
 * own; no driver is called here, so that one that hangs delays nothing. What could not be had is in
 * the manifest with the reason. Secrets and environments of jobs are never asked for. The room owns
 * the threads {@code evidence}, {@code bundles} and one for each source while it is asked.
 */
@NullMarked
package io.millwright.agent.evidence;

import org.jspecify.annotations.NullMarked;
