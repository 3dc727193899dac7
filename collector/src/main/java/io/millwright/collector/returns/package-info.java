/**
 * Parts that go back to whoever made them: by serial number, with the ticket under which they go,
 * and what is said if one of them is seen in a node again.
 *
 * <p>The thread {@code control} owns it; what is published may be read by any. It never imports
 * REST, Netty or SQL. Absent is a part that no connected node has told.
 */
@NullMarked
package io.millwright.collector.returns;

import org.jspecify.annotations.NullMarked;
