/** The composition root of the simulator. */
@NullMarked
package io.millwright.simulator;

import org.jspecify.annotations.NullMarked;
