/**
 * Expressions of PromQL that know the labels of what they yield.
 *
 * <p>Pure values over the catalogue: a family that was renamed does not compile, and a label or a
 * closed word that the catalogue does not have is refused when the expression is made, which is
 * when the module's tests run. Nothing is evaluated here; that is for Prometheus.
 */
@NullMarked
package io.millwright.dashboards.promql;

import org.jspecify.annotations.NullMarked;
