/**
 * AWS Trainium and Inferentia: what the Neuron driver shows in sysfs, read and never written, for a
 * write to any of its counters clears it and one to {@code reset} resets the device.
 *
 * <p>{@link NeuronTree} finds the devices, {@link NeuronDevice} reads one, {@link
 * UltraServerSource} the node's place in its UltraServer. No threads, clocks or loggers; a device
 * belongs to the lane that drives it. No JNA. Absence is by file: what the driver does not show is
 * unsupported, what could not be read or is not in its form is that value's fault. Where each value
 * comes from: docs/neuron.md. Source of the tree's form: {@code neuron.md} sections 1.1 and 4.3,
 * from the driver's sources 2.24 to 2.29 and the release notes of 2.30.2.
 */
@NullMarked
package io.millwright.drivers.neuron;

import org.jspecify.annotations.NullMarked;
