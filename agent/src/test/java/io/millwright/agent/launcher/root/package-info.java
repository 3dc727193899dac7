/** Tests of the root process. */
@NullMarked
package io.millwright.agent.launcher.root;

import org.jspecify.annotations.NullMarked;
