/**
 * How the processes of jobs are begun, watched and ended, and what the node's owner allows of that.
 *
 * <p>{@link io.millwright.agent.launcher.Units} is the seam; {@link
 * io.millwright.agent.launcher.SystemdUnits} stands behind it on an installed node, {@link
 * io.millwright.agent.launcher.PlainProcesses} for the demo. {@link
 * io.millwright.agent.launcher.Policy} is the last word on this node. The thread {@code units} owns
 * what it watches. Imports the vocabulary of jobs and the room of systemd. What is not known of a
 * process is an empty {@code Optional} or a case of a sealed type, never a code 0.
 */
@NullMarked
package io.millwright.agent.launcher;

import org.jspecify.annotations.NullMarked;
