/** The composition root of the collector. */
@NullMarked
package io.millwright.collector;

import org.jspecify.annotations.NullMarked;
