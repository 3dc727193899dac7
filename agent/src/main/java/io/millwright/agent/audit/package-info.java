/**
 * Where the collector's audit log ended when it said so: kept on the disk, compared with what it
 * says next, and told to it again.
 *
 * <p>Owns no thread: the lane {@code upkeep} writes, the session hands over and reads. Imports the
 * room of records alone. A node that was told nothing has kept nothing.
 */
@NullMarked
package io.millwright.agent.audit;

import org.jspecify.annotations.NullMarked;
