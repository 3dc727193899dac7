/**
 * The port for joining: TLS 1.3 without a certificate of the peer, one request, one answer.
 *
 * <p>The event loop thread {@code join-edge} owns the connections; what writes files, a token that
 * is used up above all, happens on the thread {@code join}. Nothing here is imported by other rooms
 * but the root. Who speaks here is a stranger: a few kilobytes, a few seconds and a few connections
 * are all that it gets. What is refused is one sentence for the peer and one, with the peer's
 * address, in the log; neither holds a token.
 */
@NullMarked
package io.millwright.collector.join;

import org.jspecify.annotations.NullMarked;
