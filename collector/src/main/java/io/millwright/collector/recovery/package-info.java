/**
 * A store that is older than what the nodes know: what the collector then does not do, whom it
 * waits for, and how that ends.
 *
 * <p>Owned by the thread {@code control}, which alone asks and tells; what is shown to others is
 * immutable. Imports the rooms of jobs, of the audit log and of the store. A node that has not
 * answered is one that is waited for, never one that holds nothing.
 */
@NullMarked
package io.millwright.collector.recovery;

import org.jspecify.annotations.NullMarked;
