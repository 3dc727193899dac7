/** Tests of the uplink's parts; the whole runs against a collector elsewhere. */
@NullMarked
package io.millwright.agent.uplink;

import org.jspecify.annotations.NullMarked;
