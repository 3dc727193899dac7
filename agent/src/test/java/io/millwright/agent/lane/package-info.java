@NullMarked
package io.millwright.agent.lane;

import org.jspecify.annotations.NullMarked;
