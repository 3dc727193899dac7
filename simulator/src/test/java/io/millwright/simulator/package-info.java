@NullMarked
package io.millwright.simulator;

import org.jspecify.annotations.NullMarked;
