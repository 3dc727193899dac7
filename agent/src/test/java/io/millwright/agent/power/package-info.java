/** Tests of the caps that an agent keeps. */
@NullMarked
package io.millwright.agent.power;

import org.jspecify.annotations.NullMarked;
