/**
 * The five functions of the C library that Neuron's driver is asked through, and nothing else.
 *
 * <p>A device file is opened {@code O_WRONLY} alone and asked the questions of {@link
 * io.millwright.drivers.neuron.binding.PassiveCall} alone; nothing here takes flags or a number of
 * an ioctl. Any other way of opening would attach this process to the device: it takes one of its
 * 16 places, keeps the driver from being reset, and waits while it resets.
 *
 * <p>No thread of its own: calls run on the caller's.
 */
@NullMarked
package io.millwright.drivers.neuron.binding;

import org.jspecify.annotations.NullMarked;
