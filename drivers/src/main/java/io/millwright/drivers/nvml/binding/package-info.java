/**
 * The C functions of {@code libnvidia-ml.so.1} and the memory they write to, and nothing else: the
 * only place that knows JNA.
 *
 * <p>Direct mapping with {@code long} and {@code int} parameters; the return code is C's. No thread
 * of its own: calls run on the caller's, which may block for as long as the driver pleases.
 */
@NullMarked
package io.millwright.drivers.nvml.binding;

import org.jspecify.annotations.NullMarked;
