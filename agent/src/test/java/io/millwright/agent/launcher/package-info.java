/** Tests of the launcher. */
@NullMarked
package io.millwright.agent.launcher;

import org.jspecify.annotations.NullMarked;
