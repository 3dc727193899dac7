/**
 * {@code neuron-monitor} of the Neuron tools as a child of the agent: begun with a configuration of
 * our own, read, begun again, ended. What it says is read by {@code drivers}.
 *
 * <p>The thread {@code neuron-monitor} owns the child and everything behind it; the sampler takes
 * immutable values. Nothing of the page's or the uplink's room is imported. A child that is silent
 * is shown by readings that grow old, and by the probe.
 */
@NullMarked
package io.millwright.agent.monitor;

import org.jspecify.annotations.NullMarked;
