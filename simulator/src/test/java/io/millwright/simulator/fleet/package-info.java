@NullMarked
package io.millwright.simulator.fleet;

import org.jspecify.annotations.NullMarked;
