/** Tests of the actuator without a library; those with the simulated one are the simulator's. */
@NullMarked
package io.millwright.drivers.nvml.actuator;

import org.jspecify.annotations.NullMarked;
