/**
 * The site's certificate authority: it is made here, says who is who, and lets nodes join.
 *
 * <p>It owns no thread: the command line and the collector's ports call in from theirs, and what
 * two processes may do at once is settled by files that only one of them can create. It imports the
 * rules of {@code protocol.tls} and is the only room that imports Bouncy Castle; never Netty, SQL
 * or the fleet. A refused request is an answer with a reason and a sentence; what is broken on the
 * disk is a {@code TlsException} with the remedy.
 */
@NullMarked
package io.millwright.collector.trust;

import org.jspecify.annotations.NullMarked;
