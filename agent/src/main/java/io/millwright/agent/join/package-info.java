/**
 * How a node joins: it asks the collector's port for joining once, and keeps what it is given.
 *
 * <p>A command uses it, never the daemon. The thread {@code join} speaks with the collector and the
 * caller waits for it under a deadline. It imports {@code protocol.tls} and no other room. What the
 * collector refuses, and a collector that cannot be reached, is a sentence; what is wrong with this
 * node's files is a {@code TlsException}, and is found before a token is used up.
 */
@NullMarked
package io.millwright.agent.join;

import org.jspecify.annotations.NullMarked;
