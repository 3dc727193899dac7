/**
 * What the collector must not forget: keys with values, changed by compare-and-set.
 *
 * <p>{@link io.millwright.collector.store.StateStore} is the interface, {@link
 * io.millwright.collector.store.SqliteStore} the embedded implementation. The thread {@code store}
 * owns the database; callers wait for its answers. Imports no other room of the collector; SQL and
 * its driver stay here. A key that is not there is an empty {@code Optional}.
 */
@NullMarked
package io.millwright.collector.store;

import org.jspecify.annotations.NullMarked;
