/**
 * Alerts and recording rules as values, their YAML, and their tests for {@code promtool}.
 *
 * <p>Alerts page on verdicts, which the health rules give with evidence; an expression of PromQL
 * has a threshold of its own only for the death and the silence of agents and collector, and for
 * rates that no health rule judges. Each alert brings one trial: when it fires, a neighbour that
 * differs in one value and does not, and when it clears.
 */
@NullMarked
package io.millwright.dashboards.alerts;

import org.jspecify.annotations.NullMarked;
