/**
 * What the host itself tells: CPU, memory, pressure, disks, network, file systems, sensors.
 *
 * <p>{@link KernelSource} reads a handful of {@code /proc} files at 1 Hz and leaves next to no
 * garbage. {@link HostSource} reads what changes slowly from sysfs and OSHI, {@link RdmaSource}
 * fabric adapters, {@link PcieSource} links on the bus. {@link FilesystemSource} asks file systems,
 * which may hang: one source for all local ones, one for each remote one. No threads, clocks or
 * loggers; each source belongs to the lane that drives it. JNA is in {@code host.binding} only, for
 * the one call that no file tells of; OSHI is used in its form without native calls. What this host
 * does not have is unsupported, what could not be read is that value's fault, and one bad file
 * never takes another's values away.
 */
@NullMarked
package io.millwright.drivers.host;

import org.jspecify.annotations.NullMarked;
