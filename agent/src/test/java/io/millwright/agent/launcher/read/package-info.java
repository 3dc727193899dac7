@NullMarked
package io.millwright.agent.launcher.read;

import org.jspecify.annotations.NullMarked;
