/**
 * The one door to time and threads. The product reads no clock and starts no thread elsewhere;
 * tests put their own {@link io.millwright.protocol.clock.Clock} in.
 */
@NullMarked
package io.millwright.protocol.clock;

import org.jspecify.annotations.NullMarked;
