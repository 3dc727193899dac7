/**
 * Which driver and firmware the site wants, and which accelerators have another.
 *
 * <p>What a node has comes from the acceptance room; what it does not tell differs in nothing. The
 * comparison is pure; {@link io.millwright.collector.drift.DriftDesk} has a thread of its own,
 * {@code drift}. Drift is shown and takes no node from work.
 */
@NullMarked
package io.millwright.collector.drift;

import org.jspecify.annotations.NullMarked;
