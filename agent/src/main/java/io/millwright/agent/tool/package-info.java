/**
 * Runs the site's own programs: its vendor's report tool and its tests. Each is an argv without a
 * shell, in a session of its own, under a deadline, its output bounded.
 *
 * <p>Owns no thread: a program is waited for on its caller's. A program that outlives its deadline
 * is asked to end and then killed, but for what may be in the middle of a driver call: that is left
 * alone and named, and nothing is begun again before it has gone. Trouble is a value.
 */
@NullMarked
package io.millwright.agent.tool;

import org.jspecify.annotations.NullMarked;
