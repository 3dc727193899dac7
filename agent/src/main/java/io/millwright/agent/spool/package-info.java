/**
 * Samples that wait for the collector: in memory, then in files that a restart of the agent finds
 * again.
 *
 * <p>The thread {@code spool} owns the files; the session leaves samples and questions in bounded
 * queues and waits for nothing. What cannot be kept is counted, never thrown. Imports no room but
 * that of records; what is sent when is the session's.
 */
@NullMarked
package io.millwright.agent.spool;

import org.jspecify.annotations.NullMarked;
