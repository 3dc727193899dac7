/**
 * The frames of jobs on the agent's side: what the collector wants becomes wishes of the room of
 * jobs, what that room says becomes frames.
 *
 * <p>Owns the thread {@code output}, which reads what jobs printed. Knows bodies and frames, no
 * socket. A body that cannot be read is answered and changes nothing.
 */
@NullMarked
package io.millwright.agent.downlink;

import org.jspecify.annotations.NullMarked;
