@NullMarked
package io.millwright.collector.late;

import org.jspecify.annotations.NullMarked;
