/**
 * What a service and systemd tell each other: sd_notify(3), and the watchdog of the service.
 *
 * <p>{@link io.millwright.protocol.supervision.Datagrams} is the seam to the one system call that
 * Java lacks; agent and collector bind it each in its own way. {@link
 * io.millwright.protocol.supervision.Watchkeeper} owns the thread {@code watchdog}. Imports the
 * clock and nothing else; logs nothing. Where no systemd waits for words, none are sent.
 */
@NullMarked
package io.millwright.protocol.supervision;

import org.jspecify.annotations.NullMarked;
