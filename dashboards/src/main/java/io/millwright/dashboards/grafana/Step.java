package io.millwright.dashboards.grafana;

/**
 * From this value on the panel takes the colour. It stands only where an alert has the same number.
 *
 * @param alert name of that alert
 */
public record Step(double from, String colour, String alert) {}
