/**
 * Who is at the other end: TLS 1.3 with certificates on both sides, the role and the name in a
 * certificate, and how a node joins a site.
 *
 * <p>Agent, collector and command line share it. It starts no thread; what it hands out may be used
 * by any thread, except engines and sockets, which belong to who asked for them. It imports the JDK
 * and the clock, never Bouncy Castle, Netty or a logger: a refusal is a value with a sentence, and
 * who got it logs it. What is absent is an empty {@code Optional}; a certificate that says no role
 * is refused, never taken for the least one.
 */
@NullMarked
package io.millwright.protocol.tls;

import org.jspecify.annotations.NullMarked;
