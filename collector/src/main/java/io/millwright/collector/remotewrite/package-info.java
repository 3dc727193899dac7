/**
 * The fleet's samples by Prometheus remote write 1.0, to the one receiver that the site names.
 *
 * <p>{@link io.millwright.collector.remotewrite.RemoteWrite} owns it all on one thread: what is
 * taken from the fleet, the queue on the disk, the request under way. An edge: nobody but the
 * composition root imports it. docs/remote-write.md is its page.
 */
@NullMarked
package io.millwright.collector.remotewrite;

import org.jspecify.annotations.NullMarked;
