/**
 * Where each node stands: its rack, slot, switch, feed and NVLink domain, from a file that the site
 * keeps, and what the nodes themselves tell of it.
 *
 * <p>Pure but for {@link io.millwright.collector.racks.RackMapFile}, which reads the file on a
 * thread of its own. It imports no other room. What the site has not said is absent; nothing is
 * worked out from names or numbers.
 */
@NullMarked
package io.millwright.collector.racks;

import org.jspecify.annotations.NullMarked;
