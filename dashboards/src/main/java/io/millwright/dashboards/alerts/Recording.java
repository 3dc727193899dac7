package io.millwright.dashboards.alerts;

import io.millwright.dashboards.promql.Promql;

/**
 * A series that Prometheus computes and keeps, for what is asked often or over months.
 *
 * @param name as in {@code level:metric:operation}
 */
record Recording(String name, Promql expression) {}
