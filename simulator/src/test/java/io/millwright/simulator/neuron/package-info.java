@NullMarked
package io.millwright.simulator.neuron;

import org.jspecify.annotations.NullMarked;
