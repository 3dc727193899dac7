@NullMarked
package io.millwright.drivers.neuron.binding;

import org.jspecify.annotations.NullMarked;
