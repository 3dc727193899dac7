/**
 * Native libraries and sysfs into words: what a lane of the agent drives.
 *
 * <p>Synchronous and without threads, deadlines or clocks of its own: those are the agent's. What a
 * device does not have is unsupported; what could not be read now is a {@link
 * io.millwright.protocol.vocabulary.Fault}.
 */
@NullMarked
package io.millwright.drivers;

import org.jspecify.annotations.NullMarked;
