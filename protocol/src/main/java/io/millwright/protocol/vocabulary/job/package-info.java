/**
 * The words of jobs: what somebody wants to run, where it was placed, how it goes and how it ended.
 *
 * <p>Pure values. What a person may get wrong is refused by the constructors with one sentence that
 * names the field, what was given, and what is allowed. Absence is an empty {@code Optional}.
 */
@NullMarked
package io.millwright.protocol.vocabulary.job;

import org.jspecify.annotations.NullMarked;
