/**
 * What changes an NVIDIA device: its power limit, its workload power profiles, its division (MIG).
 * The only package that calls a setter.
 *
 * <p>Used by a process of root's that is begun for one change and ends with it (the division by
 * nobody yet); never on a lane that reads. Owns no thread; every call may block for ever, and its
 * owner holds it to a deadline. What a device does not have, and what this process may not do, are
 * values. There is no reset: NVML has no function for it.
 */
@NullMarked
package io.millwright.drivers.nvml.actuator;

import org.jspecify.annotations.NullMarked;
