/**
 * What the agent needs under systemd: the words of sd_notify, and the listening socket that a
 * socket unit keeps.
 *
 * <p>Has no thread of its own. The one class outside of the drivers that calls native code stands
 * here; nothing of it is loaded where no systemd hears. Imports no other room of the agent. Where
 * there is no socket there is an empty {@code Optional}.
 */
@NullMarked
package io.millwright.agent.supervision;

import org.jspecify.annotations.NullMarked;
