/** Certificates that are right, and every kind that is not, over real TLS. */
@NullMarked
package io.millwright.collector.trust;

import org.jspecify.annotations.NullMarked;
