@NullMarked
package io.millwright.agent.sampling;

import org.jspecify.annotations.NullMarked;
