/**
 * The agent's session with its collector: connects, says hello, streams samples, and comes back
 * after whatever ended it.
 *
 * <p>The event loop thread {@code uplink} owns the connection, the ring and the encoder; the
 * sampler only leaves its newest snapshot. Nothing here reads hardware, and nothing else waits for
 * it: without a collector the agent goes on as before. It imports neither lanes nor page.
 */
@NullMarked
package io.millwright.agent.uplink;

import org.jspecify.annotations.NullMarked;
