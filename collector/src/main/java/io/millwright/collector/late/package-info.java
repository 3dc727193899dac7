/**
 * Samples that came late, from agents' spools: where they go, and how the last minutes get them.
 *
 * <p>{@link io.millwright.collector.late.LateSink} is called on the thread {@code ingest} and waits
 * for nobody; {@link io.millwright.collector.late.GapFiller} hands over to the thread {@code
 * control}. Imports no edge. Nothing here changes the fleet's state, a verdict or who is called.
 */
@NullMarked
package io.millwright.collector.late;

import org.jspecify.annotations.NullMarked;
