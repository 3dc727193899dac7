/** Strangers at the port for joining, over real sockets. */
@NullMarked
package io.millwright.collector.join;

import org.jspecify.annotations.NullMarked;
