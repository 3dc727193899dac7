/**
 * What the collector knows of itself: its bounded queues, and whether it stays within what it may
 * take. Nobody's threads; the thread {@code control} looks, any may read. It imports no other room.
 * What the kernel does not tell is absent.
 */
@NullMarked
package io.millwright.collector.self;

import org.jspecify.annotations.NullMarked;
