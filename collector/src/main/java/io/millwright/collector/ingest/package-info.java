/**
 * The agents' port: sessions over mutual TLS, from bytes to facts for the single writer.
 *
 * <p>One event loop thread {@code ingest} owns all sessions. Nothing here is imported by other
 * rooms but the root. What an agent may not send closes its session with one sentence on both
 * sides, and no other.
 */
@NullMarked
package io.millwright.collector.ingest;

import org.jspecify.annotations.NullMarked;
