/** How a node keeps its certificate from ending. */
@NullMarked
package io.millwright.agent.renewal;

import org.jspecify.annotations.NullMarked;
