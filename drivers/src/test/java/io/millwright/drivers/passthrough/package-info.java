@NullMarked
package io.millwright.drivers.passthrough;

import org.jspecify.annotations.NullMarked;
