@NullMarked
package io.millwright.drivers.host;

import org.jspecify.annotations.NullMarked;
