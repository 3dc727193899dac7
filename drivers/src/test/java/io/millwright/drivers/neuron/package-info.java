@NullMarked
package io.millwright.drivers.neuron;

import org.jspecify.annotations.NullMarked;
