@NullMarked
package io.millwright.drivers.nvml;

import org.jspecify.annotations.NullMarked;
