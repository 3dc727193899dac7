package io.millwright.dashboards.grafana;

import java.util.Optional;

/**
 * How a table shows the value of a query.
 *
 * @param name the query's legend
 */
public record Column(String name, Scale scale, Optional<Words> words) {}
