/**
 * What only root may read of this node, asked of the launcher: health of NVMe controllers, energy
 * of processors, power of the whole node, and who holds the accelerators' device nodes, for whose
 * job, or beside a run.
 *
 * <p>Each question has a lane of its own, which may wait for the launcher for half a minute.
 * Nothing here opens a device, also not as root. Where there is no launcher the series are absent.
 */
@NullMarked
package io.millwright.agent.privileged;

import org.jspecify.annotations.NullMarked;
