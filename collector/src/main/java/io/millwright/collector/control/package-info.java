/**
 * The single writer: one thread takes what the sessions tell from a bounded inbox and publishes the
 * fleet as one volatile reference.
 *
 * <p>Of the samples that wait, the newest of a node wins; connections and their ends are never
 * dropped. It imports no edge.
 */
@NullMarked
package io.millwright.collector.control;

import org.jspecify.annotations.NullMarked;
