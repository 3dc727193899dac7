/**
 * One physical cause, one incident: what stands against devices and nodes, and the silence of
 * nodes, joined by NVLink domain, switch, feed, cooling loop, rack and time; when a person is
 * called for it, and when it is over.
 *
 * <p>Pure: no I/O, no threads, no clock; reports and times come in, incidents and notices go out.
 * {@link io.millwright.collector.incidents.Incidents} is mutable and has one owner. Absent is what
 * nobody told; a node that is not heard has not recovered.
 */
@NullMarked
package io.millwright.collector.incidents;

import org.jspecify.annotations.NullMarked;
