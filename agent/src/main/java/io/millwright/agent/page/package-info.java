/**
 * The agent's HTTP edge: the metrics page, liveness, readiness and the snapshot as JSON.
 *
 * <p>One event loop thread, {@code edge}, owns everything behind the socket. It reads the newest
 * snapshot by reference and never touches hardware, files or locks. Netty types stay in here; the
 * rooms that sample are never imported. What is not measured is absent from the page.
 */
@NullMarked
package io.millwright.agent.page;

import org.jspecify.annotations.NullMarked;
