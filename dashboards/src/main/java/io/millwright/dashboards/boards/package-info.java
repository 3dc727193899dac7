/**
 * The six dashboards: what stands on them, in the order in which somebody asks.
 *
 * <p>Each is one constant of {@link io.millwright.dashboards.grafana.Board}; a panel is one
 * expression of the catalogue's families with one sentence on what it says. A family that nobody
 * reads yet is on none of them.
 */
@NullMarked
package io.millwright.dashboards.boards;

import org.jspecify.annotations.NullMarked;
