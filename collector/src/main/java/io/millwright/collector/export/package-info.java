/**
 * The fleet's samples by Prometheus remote write 1.0, and by OTLP over HTTP, each to the one
 * receiver that the site names.
 *
 * <p>An {@link io.millwright.collector.export.Exporter} owns it all on one thread: what is taken
 * from the fleet, the queue on the disk, the request under way. What differs by the protocol is an
 * {@code Encoding}. An edge: nobody but the composition root imports it. docs/remote-write.md and
 * docs/otlp.md are its pages.
 */
@NullMarked
package io.millwright.collector.export;

import org.jspecify.annotations.NullMarked;
