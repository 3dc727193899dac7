/**
 * The words of sd_notify from a collector, which has no JNA: the JDK's own foreign functions carry
 * them.
 *
 * <p>No thread of its own; the one class of the collector that calls native code. Imports no other
 * room. Where no systemd waits for words it is never loaded.
 */
@NullMarked
package io.millwright.collector.supervision;

import org.jspecify.annotations.NullMarked;
