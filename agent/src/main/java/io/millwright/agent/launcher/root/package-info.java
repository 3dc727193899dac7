/**
 * The launcher: the root process that begins, stops and ends the units of jobs, and decides itself
 * what it begins.
 *
 * <p>Begun by its socket, without a network, gone when nobody asks. {@link
 * io.millwright.agent.launcher.root.LauncherMain} is the second main class of the agent. The main
 * thread owns the socket; each verb is carried out on a thread of its own. It knows no journal and
 * no collector. It takes an assignment, never the name of a property, and what it cannot do is one
 * sentence.
 */
@NullMarked
package io.millwright.agent.launcher.root;

import org.jspecify.annotations.NullMarked;
