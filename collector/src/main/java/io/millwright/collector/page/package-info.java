/**
 * What the collector shows to Prometheus: itself and the fleet in sums, each node's last readings,
 * and the list of targets.
 *
 * <p>Rendered on the thread that asks, from the newest fleet state. A node that is not connected
 * has no page: old readings are not shown as new ones.
 */
@NullMarked
package io.millwright.collector.page;

import org.jspecify.annotations.NullMarked;
