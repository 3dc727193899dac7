/**
 * The beat of the agent: asks all lanes, waits a bounded time, and publishes one immutable
 * snapshot.
 *
 * <p>The {@code sampler} thread owns the tick. What a lane did not deliver in time is simply older
 * in the snapshot, and absent once it is too old.
 */
@NullMarked
package io.millwright.agent.sampling;

import org.jspecify.annotations.NullMarked;
