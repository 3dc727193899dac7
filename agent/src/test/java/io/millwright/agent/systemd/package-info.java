/** Tests of the room of systemd that need no systemd; the rest is in the module of that name. */
@NullMarked
package io.millwright.agent.systemd;

import org.jspecify.annotations.NullMarked;
