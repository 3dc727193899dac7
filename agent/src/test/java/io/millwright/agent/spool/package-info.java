/** Tests of the spool. */
@NullMarked
package io.millwright.agent.spool;

import org.jspecify.annotations.NullMarked;
