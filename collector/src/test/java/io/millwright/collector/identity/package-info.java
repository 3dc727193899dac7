/** On which hardware a node may speak. */
@NullMarked
package io.millwright.collector.identity;

import org.jspecify.annotations.NullMarked;
