@NullMarked
package io.millwright.agent.host;

import org.jspecify.annotations.NullMarked;
