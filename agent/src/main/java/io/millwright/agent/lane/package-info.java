/**
 * Threads that drive sources: one a device, each call under a deadline.
 *
 * <p>A lane does a round when it is asked and is never asked twice at once. A round that hangs in a
 * native call keeps its lane and nobody else's; what it had read grows old and is dropped, and the
 * call is reported by name and age until it returns. No second thread is ever started into a stuck
 * device. Absence: a lane that never read anything shows no sample.
 */
@NullMarked
package io.millwright.agent.lane;

import org.jspecify.annotations.NullMarked;
