/** The composition root of the agent. */
@NullMarked
package io.millwright.agent;

import org.jspecify.annotations.NullMarked;
