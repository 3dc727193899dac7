/**
 * What the judgement of the node's health lives in: the kernel log is read, events are counted and
 * kept on the disk, the {@link io.millwright.agent.health.Engine} is asked at each tick, and what
 * it says becomes series and a report.
 *
 * <p>The {@code sampler} thread owns the engine; the thread {@code kmsg} reads the kernel log and
 * leaves what it found in a bounded queue; the {@code lane-upkeep} writes the file. Without a
 * kernel log or a disk the rest goes on, and says so once. It imports neither page nor uplink.
 */
@NullMarked
package io.millwright.agent.watch;

import org.jspecify.annotations.NullMarked;
