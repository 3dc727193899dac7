@NullMarked
package io.millwright.agent.privileged;

import org.jspecify.annotations.NullMarked;
