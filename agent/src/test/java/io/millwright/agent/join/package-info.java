/** A node's side of a join, with a collector that does not behave. */
@NullMarked
package io.millwright.agent.join;

import org.jspecify.annotations.NullMarked;
