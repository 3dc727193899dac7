/** The words of trust, and what is refused with which sentence. */
@NullMarked
package io.millwright.protocol.tls;

import org.jspecify.annotations.NullMarked;
