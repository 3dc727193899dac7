/**
 * Measures the agent from outside, and its native readers against C; never shipped.
 *
 * <p>Programs of one thread each. What cannot be measured ends the program with a sentence; no
 * figure is made up. Nothing here is imported by the product.
 */
@NullMarked
package io.millwright.benchmarks;

import org.jspecify.annotations.NullMarked;
