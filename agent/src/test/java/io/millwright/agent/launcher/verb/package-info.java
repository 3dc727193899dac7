/** Tests of the words between agent and launcher. */
@NullMarked
package io.millwright.agent.launcher.verb;

import org.jspecify.annotations.NullMarked;
