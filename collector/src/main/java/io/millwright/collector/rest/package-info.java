/**
 * The collector's HTTP edge: REST for people and programs, pages for Prometheus, the web page.
 *
 * <p>Everything is answered on the event loop thread {@code rest} from references that others
 * publish; what must wait for the single writer or the store is answered by a future. Nothing here
 * is imported by other rooms. An error is an RFC 9457 problem whose detail is one sentence.
 */
@NullMarked
package io.millwright.collector.rest;

import org.jspecify.annotations.NullMarked;
