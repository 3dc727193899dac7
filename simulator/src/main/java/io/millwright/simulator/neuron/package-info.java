/**
 * A simulated node with AWS Trainium: what the Neuron driver shows in sysfs, as files that change
 * with time, load and faults, and stand-ins for {@code neuron-monitor} and {@code neuron-ls}. All
 * of it is synthetic; none of it was compared with Trainium hardware.
 *
 * <p>One thread owns a node: it moves the model, writes the files and answers the control socket.
 * Nothing here knows the agent. What the driver does not have is absent from the tree.
 */
@NullMarked
package io.millwright.simulator.neuron;

import org.jspecify.annotations.NullMarked;
