/** Holds the benchmarks to what they claim to compare; measures nothing. */
@NullMarked
package io.millwright.benchmarks;

import org.jspecify.annotations.NullMarked;
