/**
 * Tests of the packages: what is in them, that they are made the same again, and their life on a
 * Debian without a JDK.
 */
@NullMarked
package io.millwright.packages;

import org.jspecify.annotations.NullMarked;
