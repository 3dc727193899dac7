/**
 * What happened on this node: told at once, then at most once a minute with its count, kept on the
 * disk until the collector has it.
 *
 * <p>The sampler's thread tells of what it found; the thread {@code events} owns the files. {@link
 * io.millwright.agent.events.Digest} and {@link io.millwright.agent.events.Narrator} follow from
 * what they are given and from nothing else.
 */
@NullMarked
package io.millwright.agent.events;

import org.jspecify.annotations.NullMarked;
