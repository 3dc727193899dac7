/** Tests of what neuron-monitor says, on records written for this project. */
@NullMarked
package io.millwright.drivers.neuron.monitor;

import org.jspecify.annotations.NullMarked;
