/**
 * NVIDIA's accelerators through NVML: return codes become values here.
 *
 * <p>{@link io.millwright.drivers.nvml.Nvml} calls, {@link io.millwright.drivers.nvml.NvmlDriver}
 * starts and counts, {@link io.millwright.drivers.nvml.NvmlDevice} reads one device, {@link
 * io.millwright.drivers.nvml.NvmlEvents} waits for events. Nothing here owns a thread; every object
 * belongs to the lane that made it.
 */
@NullMarked
package io.millwright.drivers.nvml;

import org.jspecify.annotations.NullMarked;
