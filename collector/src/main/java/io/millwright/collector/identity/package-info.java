/**
 * Who may have a session beyond what its certificate says: what the authority took back, and on
 * which hardware a node was seen first.
 *
 * <p>The thread {@code control} keeps and audits; the thread {@code ingest} only looks things up.
 * It imports {@code trust}, {@code store} and {@code audit}, and no other room. Hardware is what a
 * node says of itself: it finds copies of a disk, not a thief who also copies the words.
 */
@NullMarked
package io.millwright.collector.identity;

import org.jspecify.annotations.NullMarked;
