/**
 * Two requests that only root may make of a device, and no others: an NVMe controller's health log,
 * and the node's power from its management controller.
 *
 * <p>Each request stands here as constant bytes; a caller names a device and nothing else. Owns no
 * thread: a call may hang with the device for as long as the kernel lets it, so it belongs on a
 * thread that nobody else waits for. What is not there is {@code Unsupported} or {@code NOT_FOUND},
 * never a number. Never imported by what runs inside the agent's daemon.
 */
@NullMarked
package io.millwright.drivers.passthrough;

import org.jspecify.annotations.NullMarked;
