/**
 * What nodes were told to do, and what they said to that.
 *
 * <p>The thread {@code control} owns it. Knows frames and bodies, no socket: a session is reached
 * by its {@link io.millwright.collector.downlink.Line}, and tells by {@link
 * io.millwright.collector.downlink.Told}.
 */
@NullMarked
package io.millwright.collector.downlink;

import org.jspecify.annotations.NullMarked;
