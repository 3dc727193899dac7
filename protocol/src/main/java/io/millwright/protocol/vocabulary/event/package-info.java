/**
 * The words of events: what an agent tells that happened on its node, and how grave it is.
 *
 * <p>Pure values. A reader may know fewer kinds than a newer agent tells, so that a kind travels as
 * its word.
 */
@NullMarked
package io.millwright.protocol.vocabulary.event;

import org.jspecify.annotations.NullMarked;
