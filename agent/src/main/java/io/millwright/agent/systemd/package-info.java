/**
 * What is asked of systemd, over the system bus; the one room that knows D-Bus.
 *
 * <p>{@link io.millwright.agent.systemd.Systemd} is one connection. Its callers' threads ask and
 * wait with a deadline; what systemd tells comes on a thread of the connection, which must not
 * wait. Imports no other room. What systemd does not know is an empty {@code Optional}.
 */
@NullMarked
package io.millwright.agent.systemd;

import org.jspecify.annotations.NullMarked;
