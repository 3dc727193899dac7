/**
 * Dashboards as values, and their JSON in the classic form of Grafana (schema version 39, which
 * versions from 10 on read).
 *
 * <p>Pure: the same boards give the same bytes, keys sorted, ids derived from titles. A threshold
 * or a colour without a word beside it does not exist here: states are told by word and colour.
 */
@NullMarked
package io.millwright.dashboards.grafana;

import org.jspecify.annotations.NullMarked;
