/**
 * The program that reads for the launcher what only root may read: root, with the rights to read
 * it, and with no ear but for root.
 *
 * <p>Begun by its socket, gone when nobody asks. {@link
 * io.millwright.agent.launcher.read.ReadMain}'s main thread owns the socket; each verb is carried
 * out on a thread of its own, and each NVMe controller is asked on one, for it may hang. It changes
 * nothing. What could not be read is a fault, what is not there is absent.
 */
@NullMarked
package io.millwright.agent.launcher.read;

import org.jspecify.annotations.NullMarked;
