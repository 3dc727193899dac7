/** Tests of the room. */
@NullMarked
package io.millwright.protocol.orders;

import org.jspecify.annotations.NullMarked;
