/**
 * The words between agent and launcher: a closed set of verbs, one answer each, as JSON with a
 * length before it, over a unix socket.
 *
 * <p>A connection carries one verb and its answer. Nothing here owns a thread. Imports the
 * vocabulary only. Any bytes are a verb, or one {@link
 * io.millwright.agent.launcher.verb.Verb.Unreadable} sentence.
 */
@NullMarked
package io.millwright.agent.launcher.verb;

import org.jspecify.annotations.NullMarked;
