@NullMarked
package io.millwright.agent.downlink;

import org.jspecify.annotations.NullMarked;
