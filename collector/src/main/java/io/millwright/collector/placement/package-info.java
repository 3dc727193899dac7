/**
 * Which nodes and which accelerators a job gets, or why it gets none.
 *
 * <p>Pure: the fleet as it was seen, what is taken and what is wanted go in, a {@link
 * io.millwright.collector.placement.Placement} comes out. Owns no thread and imports the vocabulary
 * alone. What was not observed is unknown and never granted.
 */
@NullMarked
package io.millwright.collector.placement;

import org.jspecify.annotations.NullMarked;
