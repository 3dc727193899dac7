/**
 * What {@code neuron-monitor} of the Neuron tools says, one JSON object a line: read into values,
 * and added up into readings. Written after the user guide of neuron-monitor (Neuron SDK 2.32) and
 * after outputs that others published; never run beside a real one.
 *
 * <p>No process, thread or clock: whoever runs the program owns what is here. A key that is missing
 * or unknown is no trouble, a group that says an error is unavailable, and what a record does not
 * have is absent.
 */
@NullMarked
package io.millwright.drivers.neuron.monitor;

import org.jspecify.annotations.NullMarked;
