/**
 * Pure values that every module speaks: identities, the catalogue {@link
 * io.millwright.protocol.vocabulary.Metric}, readings.
 *
 * <p>No I/O, no threads, no clocks, no logging. Absence is a state of a reading, never a number.
 */
@NullMarked
package io.millwright.protocol.vocabulary;

import org.jspecify.annotations.NullMarked;
