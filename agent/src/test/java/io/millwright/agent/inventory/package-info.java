/** Tests of the accepted inventory that an agent keeps. */
@NullMarked
package io.millwright.agent.inventory;

import org.jspecify.annotations.NullMarked;
