@NullMarked
package io.millwright.collector.self;

import org.jspecify.annotations.NullMarked;
