/**
 * Dashboards, alerts and recording rules, made of the catalogue of metrics.
 *
 * <p>{@link io.millwright.dashboards.Artifacts} lists every generated file with its text; a test
 * holds the committed files to it, and {@code -Dgolden.update=true} rewrites them. Nothing here is
 * part of a running system. Never imports agent, collector or drivers.
 */
@NullMarked
package io.millwright.dashboards;

import org.jspecify.annotations.NullMarked;
