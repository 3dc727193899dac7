/** Tests of the jobs room, over real processes where there are any. */
@NullMarked
package io.millwright.agent.jobs;

import org.jspecify.annotations.NullMarked;
