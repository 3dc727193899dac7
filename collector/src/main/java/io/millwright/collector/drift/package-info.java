/**
 * Which driver and firmware the site wants, and which accelerators have another.
 *
 * <p>What a node has comes from the acceptance room; what it does not tell differs in nothing. The
 * comparison is pure; {@link io.millwright.collector.drift.DriftDesk} is owned by the thread {@code
 * control}. Drift is shown and takes no node from work.
 */
@NullMarked
package io.millwright.collector.drift;

import org.jspecify.annotations.NullMarked;
