/**
 * The records of REST, as collector and command line share them: JSON in snake_case, times in
 * milliseconds since 1970 in UTC, values in base units. What is not known is absent.
 */
@NullMarked
package io.millwright.protocol.views;

import org.jspecify.annotations.NullMarked;
