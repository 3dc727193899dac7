/**
 * The calls of libc that the host's sources need and the JDK lacks, and nothing else: with {@code
 * nvml.binding} the only place that knows JNA. No thread of its own.
 */
@NullMarked
package io.millwright.drivers.host.binding;

import org.jspecify.annotations.NullMarked;
