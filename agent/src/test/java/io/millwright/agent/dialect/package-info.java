@NullMarked
package io.millwright.agent.dialect;

import org.jspecify.annotations.NullMarked;
