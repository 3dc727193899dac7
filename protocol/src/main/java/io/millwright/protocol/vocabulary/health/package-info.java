/**
 * The words of health: what is judged, how it is judged, and on what evidence.
 *
 * <p>Pure values. What has not been observed is {@link Verdict#UNKNOWN}, never {@link Verdict#OK};
 * what a device does not have gets no verdict at all.
 */
@NullMarked
package io.millwright.protocol.vocabulary.health;

import org.jspecify.annotations.NullMarked;
