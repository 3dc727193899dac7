@NullMarked
package io.millwright.drivers;

import org.jspecify.annotations.NullMarked;
